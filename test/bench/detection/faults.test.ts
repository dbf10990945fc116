import { describe, expect, it } from 'vitest'
import { seeded } from '../../random.js'
import { SLOW } from './fault.js'
import { FAULTS, injection } from './faults.js'
import { profileOf } from './profile.js'
import { ascending, type Column, deviation, type Feature, mean } from './values.js'

const NUMBER: Feature = { name: 'x', kind: 'numeric' }
const LABEL: Feature = { name: 'l', kind: 'categorical' }
const random = seeded(3)
const smooth: Column = Array.from({ length: 4000 }, () => (random.chance(0.05) ? null : 50 + 10 * random.normal()))
const symmetric: Column = smooth.map(x => (x === null ? null : (x as number) - 50))
const whole: Column = Array.from({ length: 4000 }, () => random.integer(0, 23))
const constant: Column = Array.from({ length: 4000 }, () => 7)
const labels: Column = Array.from({ length: 4000 }, () => random.pick(['a', 'a', 'a', 'b', 'c']))

const kind = (name: string) => FAULTS.find(fault => fault.kind === name)!
const shows = (name: string, feature: Feature, values: Column): boolean =>
  kind(name).applies(profileOf(feature, 'ordered', values))
const hit = (name: string, values: Column, age = 0, feature = NUMBER): Column =>
  injection(kind(name), profileOf(feature, 'ordered', values), 11)(values, age, () => values)
const numbers = (values: Column): number[] => values.filter(value => typeof value === 'number')
const share = (values: Column, of: (value: Column[number]) => boolean): number =>
  values.filter(of).length / values.length

describe('faults do what they say', () => {
  it('multiplies, shifts and widens', () => {
    expect(hit('unit ×1000', [2, null, 3, 'x'])).toEqual([2000, null, 3000, 'x'])
    const { sigma } = profileOf(NUMBER, 'ordered', smooth)
    expect(Math.abs(mean(numbers(hit('shift 1σ', smooth))) - mean(numbers(smooth)))).toBeCloseTo(sigma, 8)
    const wider = (deviation(numbers(hit('variance ×1.5', smooth))) / deviation(numbers(smooth))) ** 2
    expect(wider).toBeCloseTo(1.5, 8)
    const way = [0, 14, SLOW - 1, SLOW + 10].map(
      age => mean(numbers(hit('slow shift 1σ', smooth, age))) - mean(numbers(smooth)),
    )
    expect(way.map(by => Math.abs(by / sigma))).toEqual([1 / SLOW, 0.5, 1, 1].map(one => expect.closeTo(one, 8)))
  })

  it('changes the share of rows that it names', () => {
    const nulls = (values: Column): number => share(values, value => value === null)
    expect(nulls(hit('nulls +15', smooth)) - nulls(smooth)).toBeCloseTo(0.15, 1)
    expect(share(hit('imputed 0, 15 %', smooth), value => value === 0)).toBeCloseTo(0.15 * 0.95, 1)
    expect(share(hit('unseen 10 %', labels, 0, LABEL), value => !labels.includes(value))).toBeCloseTo(0.1, 1)
    const far = share(hit('partial unit 30 %', smooth), value => typeof value === 'number' && value > 200)
    expect(far).toBeCloseTo(0.3 * 0.95, 1)
    expect(nulls(hit('few nulls imputed', smooth))).toBe(0)
    expect(share(hit('source absent', smooth), value => value === undefined)).toBe(1)
  })

  it('rewrites labels and digits', () => {
    const swapped = hit('labels permuted', labels, 0, LABEL)
    const [a, b] = ['a', swapped[labels.indexOf('a')]]
    expect(swapped).toEqual(labels.map(label => (label === a ? b : label === b ? a : label)))
    expect(share(hit('labels respelled', labels, 0, LABEL), value => labels.includes(value))).toBe(0)
    expect(numbers(hit('truncated', smooth)).every(Number.isInteger)).toBe(true)
    expect(new Set(numbers(hit('rounded', smooth)).map(x => x % 10))).toEqual(new Set([0]))
    const sorted = ascending(numbers(smooth))
    const clipped = numbers(hit('clipped at q.95', smooth))
    expect(Math.max(...clipped)).toBeLessThanOrEqual(sorted[Math.ceil(0.95 * (sorted.length - 1))]!)
    expect(hit('numbers as text', [1.5, null])).toEqual(['1.5', null])
    expect(new Set(hit('stale, frozen', smooth)).size).toBe(2)
    expect(hit('hour of another zone', [0, 17, 18, 23])).toEqual([6, 23, 0, 5])
  })

  it('is the same at every call, and another in the next window', () => {
    for (const { kind: name } of FAULTS.filter(fault => fault.applies(profileOf(NUMBER, 'ordered', smooth))))
      expect(hit(name, smooth, 2), name).toEqual(hit(name, smooth, 2))
    expect(hit('nulls +15', smooth, 1)).not.toEqual(hit('nulls +15', smooth, 2))
  })

  it('is tried only where it can show', () => {
    expect(shows('truncated', NUMBER, smooth)).toBe(true)
    expect(shows('truncated', NUMBER, whole)).toBe(false)
    expect(shows('sign flipped', NUMBER, smooth)).toBe(true)
    expect(shows('sign flipped', NUMBER, symmetric)).toBe(false)
    expect(shows('unit ×1000', NUMBER, constant)).toBe(false)
    expect(shows('few nulls imputed', NUMBER, whole)).toBe(false)
    expect(
      shows(
        'labels permuted',
        LABEL,
        labels.map(label => (label === 'a' ? 'b' : label)),
      ),
    ).toBe(true)
    expect(
      shows(
        'labels permuted',
        LABEL,
        labels.map((_, i) => ['a', 'b'][i % 2]!),
      ),
    ).toBe(false)
    expect(
      shows(
        'unseen 10 %',
        LABEL,
        labels.map((_, i) => `key ${i}`),
      ),
    ).toBe(false)
    for (const { applies, kind: name } of FAULTS)
      if (name !== 'nulls +3' && name !== 'nulls +15' && !name.startsWith('source') && name !== 'numbers as text')
        expect(applies(profileOf(NUMBER, 'ordered', constant)), name).toBe(false)
  })
})
