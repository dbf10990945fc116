/** How often two features that have each other's values are named, and how often others are. `npx tsx test/bench/exchanges.ts [seeds]`. Prints. */
import type { Seen } from '../../src/core/detect/cause/seen.js'
import { exchangeOf } from '../../src/core/detect/exchanged.js'
import { bikes, type Column, houses, taxi } from '../core/cause/columns.js'
import { FAULTS } from '../core/cause/faults.js'
import type { Value } from '../core/cause/lab.js'
import { DEVELOPMENT, HELD_OUT, type Shape } from '../core/cause/shapes.js'
import { faulty, orderedStream, type Stream, shuffledShape, streamOf } from '../core/cause/trial.js'
import { seeded } from '../random.js'

type Streams = (n: number, seed: number) => (Stream | null)[]

const drawn =
  (shapes: readonly Shape[]): Streams =>
  (n, seed) =>
    shapes.map((shape, i) => streamOf(shape, n, 100 * seed + i))
const inOrder =
  (columns: readonly Column[]): Streams =>
  (n, seed) =>
    columns.map(column => orderedStream(column, n, seed))
const GROUPS: Readonly<Record<string, Streams>> = {
  'shapes, development': drawn(DEVELOPMENT),
  'shapes, kept apart': drawn(HELD_OUT),
  'bikes, shuffled': drawn(bikes().map(shuffledShape)),
  'taxi, shuffled': drawn(taxi().map(shuffledShape)),
  'housing, shuffled': drawn(houses().map(shuffledShape)),
  'bikes, in order': inOrder(bikes()),
  'taxi, in order': inOrder(taxi()),
  'housing, in order': inOrder(houses()),
}
const SIZES = [120, 400, 1500]
const seeds = Number(process.argv[2] ?? 2)

function feature({ lab, past }: Stream, name: string, rows: readonly Value[]): Seen {
  const { profile: now, sketch } = lab.window(rows)
  const its = { contract: { ...lab.contract, name }, past, training: lab.training }
  return { ...its, now, sketch, scores: [], startsWithVersion: false, unit: null }
}

/** Pairs exchanged and named rightly; windows without an exchange and with a name, of all features clean or with the same fault. */
function tried(streams: Streams, n: number) {
  const sum = { pairs: 0, named: 0, others: 0, wrong: 0 }
  for (let seed = 1; seed <= seeds; seed++) {
    const all = streams(n, seed).flatMap((stream, i) => (stream === null ? [] : [{ stream, name: `f${i}` }]))
    const clean = all.map(({ stream, name }) => feature(stream, name, stream.rows))
    const claims = (features: readonly Seen[]): void => {
      sum.others += features.length
      sum.wrong += features.filter(one => exchangeOf(one, features) !== null).length
    }
    claims(clean)
    for (const [i, a] of all.entries())
      for (const b of all.slice(i + 1)) {
        if (a.stream.lab.kind !== b.stream.lab.kind) continue
        const both = [feature(a.stream, a.name, b.stream.rows), feature(b.stream, b.name, a.stream.rows)] as const
        const rest = clean.filter(({ contract }) => contract.name !== a.name && contract.name !== b.name)
        sum.pairs++
        if (exchangeOf(both[0], [...rest, ...both])?.name === b.name) sum.named++
      }
    const random = seeded(seed)
    for (const fault of FAULTS)
      claims(
        all.flatMap(({ stream, name }) => {
          const rows = faulty(stream, fault, random)
          return rows === null ? [] : [feature(stream, name, rows)]
        }),
      )
  }
  return sum
}

for (const [group, streams] of Object.entries(GROUPS))
  for (const n of SIZES) {
    const { pairs, named, others, wrong } = tried(streams, n)
    if (pairs > 0)
      process.stdout.write(
        `${group}, ${n} rows: ${named} of ${pairs} exchanges named; ${wrong} of ${others} windows without one\n`,
      )
  }
