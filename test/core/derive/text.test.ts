import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TextSeries } from '../../../src/core/derive/text.js'
import { Tokens } from '../../../src/core/derive/tokens.js'
import { TokenCounts, Vocabulary } from '../../../src/core/derive/vocabulary.js'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import { Layout, MISSING, NULL, NUMBER, Row, TEXT } from '../../../src/core/row.js'

const tokens = new Tokens()

function scanned(text: string): { characters: number; hashes: number[] } {
  const bytes = utf8(`…${text}…`)
  tokens.scan(bytes, 3, bytes.length - 6)
  return { characters: tokens.characters, hashes: [...tokens.hashes.subarray(0, tokens.count)] }
}

const hashOf = (token: string): number => {
  const bytes = utf8(token)
  return hashBytes(bytes, 0, bytes.length)
}

describe('tokens', () => {
  test.each<[string, string[]]>([
    ['', []],
    ['  \t\n', []],
    ['Hello, world!', ['hello', 'world']],
    ['it’s re-used: 3.5 km/h', ['it', 's', 're', 'used', '3', '5', 'km', 'h']],
    ['Ärger über ÉCOLE × naïve', ['ärger', 'über', 'école', 'naïve']],
    ['“quoted”—dash … «deux»', ['quoted', 'dash', 'deux']],
    ['Москва слезам', ['Москва', 'слезам']],
    ['東京へ行く。', ['東', '京', 'へ', '行', 'く']],
    ['abc日本def', ['abc', '日', '本', 'def']],
    ['한국어 문장', ['한국어', '문장']],
    ['a\u00a0b\u3000c\u2003d！e', ['a', 'b', 'c', 'd', 'e']],
    ['x😀y 😀', ['x😀y', '😀']],
  ])('of %j', (text, wanted) => {
    expect(scanned(text)).toEqual({ characters: [...text].length, hashes: wanted.map(hashOf) })
  })

  const word = fc.stringMatching(/^[a-zà-öø-ÿ0-9]{1,12}$/)

  test('do not depend on case nor on what parts them', () => {
    const gap = fc.constantFrom(' ', ', ', '\n', ' – ', '. ', '\u00a0', '(', '"')
    fc.assert(
      fc.property(fc.array(fc.tuple(word, gap), { minLength: 1, maxLength: 200 }), fc.boolean(), (words, upper) => {
        // ß and ÿ have no upper case of one character in Latin-1.
        const text = words
          .map(([one, after]) => (upper && !/[ßÿ]/.test(one) ? one.toUpperCase() : one) + after)
          .join('')
        expect(scanned(text).hashes).toEqual(words.map(([one]) => hashOf(one)))
      }),
    )
  })

  test('characters are code points, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        expect(scanned(text).characters).toBe([...text].length)
      }),
    )
  })

  test('of bytes that are no UTF-8 end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), bytes => {
        tokens.scan(bytes, 0, bytes.length)
        expect(tokens.count).toBeLessThanOrEqual(bytes.length)
      }),
    )
  })
})

describe('a vocabulary', () => {
  test('has the most frequent tokens, and finds no others', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(
          fc.integer().filter(h => h !== 0),
          { minLength: 1, maxLength: 300 },
        ),
        fc.integer(),
        (hashes, other) => {
          const counts = new TokenCounts()
          for (const [i, hash] of hashes.entries()) for (let n = 0; n <= i % 5; n++) counts.add(hash)
          const known = counts.vocabulary()
          expect([...known]).toEqual([...hashes].sort((a, b) => a - b))
          const vocabulary = new Vocabulary(known)
          for (const hash of hashes) expect(vocabulary.has(hash)).toBe(true)
          if (other !== 0) expect(vocabulary.has(other)).toBe(hashes.includes(other))
        },
      ),
    )
  })

  test('is bounded, however many tokens there are: the frequent ones stay', () => {
    const counts = new TokenCounts()
    for (let i = 1; i <= 400_000; i++) {
      counts.add(i)
      counts.add(-(i % 50) - 1)
    }
    const known = counts.vocabulary()
    expect(known.length).toBe(10_000)
    for (let i = 1; i <= 50; i++) expect(known.includes(-i)).toBe(true)
  })

  test('of nothing knows nothing', () => {
    const empty = new Vocabulary(new Int32Array(0))
    expect(empty.has(7)).toBe(false)
    expect(empty.unknownShare(Int32Array.of(1, 2), 2)).toBe(1)
    expect(empty.unknownShare(new Int32Array(0), 0)).toBeNaN()
  })
})

describe('the series of a text', () => {
  const layout = new Layout(true, 10)
  const [source, length, count, oov] = [
    layout.add('t', 'text', false),
    layout.add('t.length', 'numeric'),
    layout.add('t.tokens', 'numeric'),
    layout.add('t.oov', 'numeric'),
  ]
  const vocabulary = new Vocabulary(Int32Array.of(hashOf('a'), hashOf('b')))
  const series = new TextSeries(source, length, count, [{ slot: oov, vocabulary }])

  function filled(text: string | null): Row {
    const row = new Row(layout)
    row.flags[source] = text === null ? NULL : TEXT
    row.bytes = utf8(text ?? '')
    row.starts[source] = 0
    row.lengths[source] = row.bytes.length
    series.fill(row)
    return row
  }

  test('are characters, tokens and the share of tokens that are unknown', () => {
    const row = filled('A b, c d!')
    expect([length, count, oov].map(slot => [row.flags[slot], row.numbers[slot]])).toEqual([
      [NUMBER, 9],
      [NUMBER, 4],
      [NUMBER, 0.5],
    ])
  })

  test('have no share without tokens, nor where the vocabulary was learnt from the row, and nothing of no text', () => {
    const dots = filled('...')
    expect([length, count, oov].map(slot => dots.flags[slot])).toEqual([NUMBER, NUMBER, MISSING])
    const none = filled(null)
    expect([length, count, oov].map(slot => none.flags[slot])).toEqual([NULL, MISSING, MISSING])
    series.learntFrom = true
    expect(filled('a').flags[oov]).toBe(MISSING)
    series.learntFrom = false
    expect(filled('a').numbers[oov]).toBe(0)
  })
})
