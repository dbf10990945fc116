import { describe, expect, it } from 'vitest'
import { matches } from '../../src/config/match.js'
import { nearest } from '../../src/config/nearest.js'

describe('nearest', () => {
  it.each([
    ['windw', ['window', 'mode'], 'window'],
    ['topci', ['topic', 'tags'], 'topic'],
    ['Alert', ['alert', 'observe'], 'alert'],
    ['serving-featurs', ['labels', 'serving-features'], 'serving-features'],
    ['colour', ['series', 'segments'], null],
    ['x', [], null],
  ])('%s', (word, known, near) => {
    expect(nearest(word, known)).toBe(near)
  })
})

describe('matches', () => {
  it.each([
    ['debug_*', 'debug_a', true],
    ['debug_*', 'debug', false],
    ['*', 'anything', true],
    ['a*b*c', 'a-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['a*bb*b', 'abb', false],
    ['name', 'name', true],
    ['na.e', 'name', false],
  ])('%s and %s', (pattern, name, is) => {
    expect(matches(pattern, name)).toBe(is)
  })
})
