/**
 * How often a window that rings is given its right cause: every fault in every shape of feature, at several window sizes.
 *
 *     npx tsx test/bench/cause-confusion.ts [--seeds 6] [--set development|held-out|both] [--n 120,300,1000,5000] [--fault NAME]
 *         [--verbose FAULT | --verbose ''] [--launch]
 *
 * --launch: no history, the training baseline alone is the reference. --verbose prints what is wrong.
 */
import { parseArgs } from 'node:util'
import { bikes, type Column, houses, taxi } from '../core/cause/columns.js'
import { FAULTS, type Fault } from '../core/cause/faults.js'
import { DEVELOPMENT, HELD_OUT, type Shape } from '../core/cause/shapes.js'
import { type Outcome, orderedStream, type Stream, shuffledShape, streamOf, tryFault } from '../core/cause/trial.js'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '6' },
    set: { type: 'string', default: 'both' },
    n: { type: 'string', default: '120,300,1000,5000' },
    verbose: { type: 'string' },
    fault: { type: 'string' },
    launch: { type: 'boolean', default: false },
  },
})
const seeds = Number(values.seeds)
const sizes = values.n.split(',').map(Number)

type Streams = (n: number, seed: number) => Iterable<Stream | null>

const drawn = (shapes: readonly Shape[]): Streams =>
  function* (n, seed) {
    for (const shape of shapes) yield streamOf(shape, n, seed)
  }

const ordered = (columns: readonly Column[]): Streams =>
  function* (n, seed) {
    for (const column of columns) yield orderedStream(column, n, seed)
  }

/** Nothing injected: what rings is real. */
const NOTHING: Fault = {
  name: '(none)',
  kinds: ['numeric', 'categorical'],
  right: ['distribution'],
  apply: rows => rows.map(value => value),
}
const ALL = [...FAULTS, NOTHING]

function run(streams: Streams, firstSeed: number): Outcome[] {
  const outcomes: Outcome[] = []
  for (const n of sizes)
    for (let seed = firstSeed; seed < firstSeed + seeds; seed++)
      for (const stream of streams(n, seed)) {
        if (stream === null) continue
        for (const fault of ALL) {
          if (values.fault !== undefined && !fault.name.includes(values.fault)) continue
          const outcome = tryFault(stream, fault, seed, values.launch)
          if (outcome === null) continue
          outcomes.push(outcome)
          const wrong = outcome.cause !== null && !fault.right.includes(outcome.cause.code)
          if (wrong && values.verbose !== undefined && (values.verbose === '' || fault.name.includes(values.verbose)))
            console.log(
              `${stream.name} n=${n} seed=${seed} ${fault.name}: ${outcome.cause!.code}: ${outcome.cause!.sentence} ${JSON.stringify(outcome.cause!.numbers)}`,
            )
        }
      }
  return outcomes
}

function report(name: string, outcomes: readonly Outcome[]): void {
  const rang = outcomes.filter(({ cause, fault }) => cause !== null && fault !== NOTHING)
  const right = (some: readonly Outcome[]): number =>
    some.filter(({ fault, cause }) => fault.right.includes(cause!.code)).length
  const share = (some: readonly Outcome[]): string =>
    some.length === 0 ? '   –' : `${((100 * right(some)) / some.length).toFixed(1).padStart(5)} %`
  console.log(`\n${name}: ${outcomes.length} windows, ${rang.length} ring, right ${share(rang)}`)
  const benign = rang.filter(({ fault }) => fault.benign)
  console.log(
    `faults ${share(rang.filter(({ fault }) => !fault.benign))}, benign changes ${share(benign)} of ${benign.length}`,
  )
  for (const fault of ALL) {
    const all = outcomes.filter(outcome => outcome.fault === fault)
    const mine = all.filter(({ cause }) => cause !== null)
    if (all.length === 0) continue
    const codes = new Map<string, number>()
    for (const { cause } of mine) codes.set(cause!.code, (codes.get(cause!.code) ?? 0) + 1)
    const told = [...codes].sort((a, b) => b[1] - a[1]).map(([code, count]) => `${code} ${count}`)
    console.log(
      `  ${fault.name.padEnd(22)} ${String(mine.length).padStart(4)}/${String(all.length).padEnd(4)} ${share(mine)}  ${told.join(', ')}`,
    )
  }
  const by = (label: string, key: (outcome: Outcome) => string): void => {
    const groups = new Map<string, Outcome[]>()
    for (const outcome of rang) groups.set(key(outcome), [...(groups.get(key(outcome)) ?? []), outcome])
    console.log(`  by ${label}: ${[...groups].map(([k, some]) => `${k} ${share(some).trim()}`).join(' · ')}`)
  }
  by('shape', ({ stream }) => stream)
  by('n', ({ n }) =>
    String(sizes.reduce((best, size) => (Math.abs(Math.log(size / n)) < Math.abs(Math.log(best / n)) ? size : best))),
  )
  by('confidence', ({ cause }) => cause!.confidence)
}

const sets = values.set.split(',')
const asked = (set: string): boolean => sets.includes(set) || sets.includes('both')
if (asked('development')) {
  report('development shapes', run(drawn(DEVELOPMENT), 1000))
  report('development, taxi and bikes shuffled', run(drawn([...taxi(), ...bikes()].map(shuffledShape)), 2000))
  report('development, taxi and bikes in order', run(ordered([...taxi(), ...bikes()]), 2000))
}
if (asked('held-out')) {
  report('held-out shapes', run(drawn(HELD_OUT), 5000))
  report('held out, houses shuffled', run(drawn(houses().map(shuffledShape)), 6000))
  report('held out, houses in order', run(ordered(houses()), 6000))
}
