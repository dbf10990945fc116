import { expect, it } from 'vitest'
import { decodeInternal } from '../../src/codec/internal.js'
import { decodePairJoiner, encodePairJoiner } from '../../src/codec/pair-joiner.js'
import { encodePairPart, openedPart, PairPartAssembler } from '../../src/codec/pair-part.js'
import type { Pair } from '../../src/core/join/pair-accumulator.js'
import { decodePairEntry, encodePairEntry, type PairRow } from '../../src/core/join/pair-entry.js'
import { PairJoiner, type PairJoinerState } from '../../src/core/join/pair-joiner.js'
import type { PairPart } from '../../src/core/join/pair-parts.js'
import { type PairValue, pairValue } from '../../src/core/join/pair-value.js'
import { ParityAccumulator } from '../../src/core/parity/counts.js'
import { parityKind } from '../../src/core/parity/kind.js'
import { FLAGS } from '../../src/core/row.js'
import { MONITOR, world } from '../core/join/pair-world.js'
import { seeded } from '../random.js'
import { headerBytes } from './sketches.js'

const VALUES: PairValue[] = [
  ...[0, -1.5, 1e12, Number.NaN, 2 ** 40, 'text', '', 'ä — 語'],
  ...Array.from({ length: FLAGS }, (_, flag) => pairValue(flag, flag === 3 ? 'a' : 7)),
]

function row(i: number, values: readonly PairValue[]): PairRow {
  return {
    ...{ time: 1e12 + i / 8, partition: i % 3, offset: i * 7, version: i % 2, segment: -1, entity: i % 9 },
    values,
    copies: 1 + (i % 4),
  }
}

function pair(i: number): Pair {
  const [served, other] = [row(i, VALUES), row(i + 1, [...VALUES.slice(i % 5), ...VALUES.slice(0, i % 5)])]
  return { key: String.fromCharCode(i * 977, i, 3, 4), served, other }
}

it('an entry comes back from its bytes', () => {
  for (let i = 0; i < 20; i++) {
    const { served, other } = pair(i)
    for (const entry of [
      { shelf: 5, served, other },
      { shelf: 5, served: null, other },
      { shelf: 5, served, other: null },
    ])
      expect(decodePairEntry(5, encodePairEntry(entry))).toEqual(entry)
  }
})

const COLUMNS = VALUES.map((_, c) => `c${c}`)

function accumulated(): ParityAccumulator {
  const counts = new ParityAccumulator(COLUMNS, { abs: 0, rel: 0 })
  for (let i = 0; i < 60; i++) {
    counts.served(row(i, VALUES), 1)
    counts.paired(pair(i), 1)
  }
  // Of another part.
  counts.paired(pair(999), -1)
  return counts
}

it('a part comes back from its messages, in one piece or in several', () => {
  const part: PairPart = {
    ...{
      model: 'm',
      monitor: 'v',
      modelVersion: 'v1',
      pane: 1e12,
      round: 2e12,
      topic: 'driftline.joins',
      partition: 1,
    },
    ...{ nextOffset: 77, gap: false, offsets: { from: 3, to: 70 }, rows: 121, join: 'offline' },
    counted: accumulated().state(),
  }
  for (const largest of [undefined, 1000]) {
    const assembler = new PairPartAssembler()
    const messages = encodePairPart(part, largest)
    expect(messages.length > 1).toBe(largest !== undefined)
    const parts = messages.flatMap(({ headers, value }, i) => {
      const message = decodeInternal(headerBytes(headers!), value!)
      if (message?.type !== 'pair-part') throw new Error('no part of pairs')
      return assembler.add(message.chunk, i) ?? []
    })
    expect(parts.map(openedPart)).toEqual([part])
  }
})

it('what is counted and taken back leaves nothing', () => {
  const counts = new ParityAccumulator(COLUMNS, { abs: 0, rel: 0 })
  for (const sign of [1, -1] as const) for (let i = 0; i < 60; i++) counts.paired(pair(i), sign)
  const { features, sample, quarters, ...totals } = counts.state()
  expect(Object.values(totals).every(total => total === 0)).toBe(true)
  expect([sample.pairs.length, quarters.size]).toEqual([0, 0])
  for (const { name: _, difference, ...rest } of features) {
    expect(Object.values(rest).every(count => count === 0)).toBe(true)
    expect(Math.abs(difference)).toBeLessThan(1)
  }
})

it('a joiner goes on from its bytes', () => {
  const kind = parityKind({
    offline: {
      ...{ topic: 'o', format: 'json', where: [], key: ['k'], time: { path: ['t'], unit: 'ms' }, features: ['*'] },
      ...{ tolerance: { abs: 0, rel: 0 }, horizonMs: 3000, maxMismatch: 0, examples: 'none' },
    },
  })!
  const joiner = new PairJoiner(MONITOR, kind, {
    topic: 'driftline.joins',
    partition: 0,
    mostKeys: 1000,
    newShelf: () => 1,
  })
  const { messages } = world(seeded(2), { keys: 40, disorder: 300 })
  for (const [offset, message] of messages.slice(0, 15).entries())
    if ('rows' in message) joiner.add(message.rows, offset)
    else joiner.advance(message.marker, message.marker.monitors[0]!, offset)
  const state = joiner.state() as PairJoinerState
  const told = { ...state, sides: state.sides.map(side => ({ ...side, sources: side.sources.map(stored) })) }
  expect(decodePairJoiner(encodePairJoiner(state))).toEqual(told)
  expect(state.parts.length).toBeGreaterThan(0)
})

/** What a stage 1 would need is not kept. */
function stored<S extends { readonly oldest: number; readonly roundStart: number; readonly open: number }>(
  source: S,
): S {
  return { ...source, oldest: -1, roundStart: 0, open: 0 }
}
