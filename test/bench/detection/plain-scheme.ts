import { ascending, type Column, deviation, type Feature, mean, quantile } from './values.js'
import type { SeriesRule } from './yardstick.js'

/*
 * `shared/prototype/plain-scheme.py` made again, statistic by statistic: what simple statistics see when their thresholds come from history.
 * Nothing is improved here; where the original divides, clips or adds, so does this. An absent key counts as null: it knows no difference.
 */
type Statistics = Readonly<Record<string, number>>

/** |z| that alarms at once, and in two windows running. */
const ONCE = 12
const TWICE = 5
/** Numbers that a window needs. */
const LEAST = 30
const LEVELS = Array.from({ length: 100 }, (_, i) => 0.005 + (0.99 * i) / 99)

export function plainRule(feature: Feature, baseline: Column): SeriesRule {
  const statistics = feature.kind === 'numeric' ? numeric(baseline) : categorical(baseline)
  const past: Statistics[] = []
  let rows = 0
  let scale: { name: string; middle: number; width: number }[] | null = null
  return {
    learn(values) {
      if (values.length === 0) return
      past.push(statistics(values))
      rows += values.length
    },
    score(values) {
      // Never below the counting noise of one row in a window, so that a share that was always 0 has a scale.
      const floor = past.length / rows
      scale ??= Object.keys(past[0]!).map(name => {
        const seen = past.flatMap(one => one[name] ?? [])
        return { name, middle: mean(seen), width: seen.length > 1 ? Math.max(deviation(seen), floor) : Number.NaN }
      })
      const now = statistics(values)
      const z = scale.flatMap(({ name, middle, width }) => (name in now ? Math.abs(now[name]! - middle) / width : []))
      return Math.max(0, ...z.filter(one => !Number.isNaN(one)))
    },
    alarms: (score, before) => score > ONCE || (score > TWICE && before > TWICE),
  }
}

function numeric(baseline: Column): (values: Column) => Statistics {
  const base = prepare(baseline.filter(value => typeof value === 'number'))
  return values => {
    const n = values.length
    const x = values.filter(value => typeof value === 'number')
    const shares = {
      null: values.filter(value => value == null).length / n,
      text: values.filter(value => typeof value === 'string').length / n,
    }
    return x.length < LEAST || base === null ? shares : { ...shares, ...ofNumbers(x, base) }
  }
}

type Base = NonNullable<ReturnType<typeof prepare>>

function prepare(x: readonly number[]) {
  if (x.length === 0) return null
  const sorted = ascending(x)
  const q = (p: number): number => quantile(sorted, p)
  const edges = ascending(new Set(Array.from({ length: 19 }, (_, i) => q((i + 1) / 20))))
  const middle = mean(sorted)
  const counts = countsOf(sorted)
  return {
    edges,
    share: smoothed(sorted, edges),
    levels: LEVELS.map(q),
    sigma: (q(0.8413) - q(0.1587)) / 2 || Math.sqrt(mean(sorted.map(v => (v - middle) ** 2))) || 1e-9,
    middle,
    q01: q(0.01),
    q95: q(0.95),
    q99: q(0.99),
    atoms: new Map([...counts].flatMap(([v, c]) => (c > 1 ? [[v, c / x.length] as const] : []))),
  }
}

/** @param x in the order of the rows */
function ofNumbers(x: readonly number[], base: Base): Statistics {
  const n = x.length
  const sorted = ascending(x)
  const { sigma } = base
  const median = quantile(sorted, 0.5)
  const q = smoothed(sorted, base.edges)
  const counts = countsOf(sorted)
  const share = (of: (v: number, i: number) => boolean): number => x.filter(of).length / n
  const clipped = (v: number, around: number): number => Math.max(-8, Math.min(8, (v - around) / sigma))
  let repeats = 0
  for (let i = 1; i < n; i++) if (x[i] === x[i - 1]) repeats++
  let gain = -Infinity
  for (const [v, c] of counts) gain = Math.max(gain, c / n - (base.atoms.get(v) ?? 0))
  return {
    psi: q.reduce((sum, one, i) => sum + (one - base.share[i]!) * Math.log(one / base.share[i]!), 0),
    w1: Math.log(mean(LEVELS.map((p, i) => Math.abs(quantile(sorted, p) - base.levels[i]!))) / sigma + 0.01),
    mean: mean(x.map(v => clipped(v, base.middle))),
    spread: Math.log(mean(x.map(v => Math.abs(clipped(v, median)))) + 1e-3),
    tail: share(v => v > base.q99) + share(v => v < base.q01),
    above: share(v => v > base.q95),
    whole: share(Number.isInteger),
    distinct: Math.log(counts.size / Math.sqrt(n)),
    repeat: repeats / (n - 1),
    negative: share(v => v < 0),
    gain,
  }
}

function categorical(baseline: Column): (values: Column) => Statistics {
  const known = sharesOf(baseline)
  return values => {
    const share = sharesOf(values)
    let unseen = 0
    for (const [label, s] of share) if (!known.has(label)) unseen += s
    let apart = 0
    for (const [label, s] of known) apart += Math.abs((share.get(label) ?? 0) - s)
    const found: Record<string, number> = {
      null: values.filter(value => value == null).length / values.length,
      unseen,
      tvd: Math.log(0.5 * (apart + unseen) + 0.01),
    }
    for (const [label, s] of known) if (s > 0.02) found[`=${label}`] = share.get(label) ?? 0
    return found
  }
}

/** Shares of all rows, those without a value included. */
function sharesOf(values: Column): Map<string, number> {
  const shares = new Map<string, number>()
  for (const value of values)
    if (value != null) shares.set(String(value), (shares.get(String(value)) ?? 0) + 1 / values.length)
  return shares
}

/** Shares of the bins with half a row more in each; a value on an edge lies above it. */
function smoothed(sorted: Float64Array, edges: Float64Array): number[] {
  const cells = edges.length + 1
  const counts = new Array<number>(cells).fill(0.5)
  let bin = 0
  for (const x of sorted) {
    while (bin < edges.length && x >= edges[bin]!) bin++
    counts[bin]!++
  }
  return counts.map(count => count / (sorted.length + 0.5 * cells))
}

function countsOf(sorted: Float64Array): Map<number, number> {
  const counts = new Map<number, number>()
  for (const x of sorted) counts.set(x, (counts.get(x) ?? 0) + 1)
  return counts
}
