import { type Layout, MISSING, NULL, NUMBER, type Row, TEXT } from '../row.js'
import { indexOf, upperBound } from '../sketch/search.js'
import { auc } from '../statistic/auc.js'
import { type Interval, wilson, Z } from '../statistic/intervals.js'
import type { FeatureBaseline } from './baseline.js'
import { isLearntFrom } from './learn-sources.js'

/** How well features tell the label, each alone. */
export interface Leakage {
  readonly label: string
  /** Rows with a label, and without. */
  readonly labelled: number
  readonly unlabelled: number
  /** Strongest first. */
  readonly features: readonly FeatureLeakage[]
}

export interface FeatureLeakage {
  readonly feature: string
  /**
   * `auc` of the label, or of its class that is told best; `r2` of a numeric label's rank; `null`: the least of the shares of rows without a label
   * that lack the feature, and of rows with one that have it.
   */
  readonly measure: 'auc' | 'r2' | 'null'
  /** Of `auc` with more than two classes. */
  readonly class: string | null
  readonly value: number
  /** 95 %: DeLong's of `auc`, Olkin and Finn's of `r2`, Wilson's of `null`. */
  readonly low: number
  readonly high: number
  /** By how much the cells that values are counted in may understate it. */
  readonly error: number
  /** What `low` must not exceed. */
  readonly threshold: number
}

/** What the label is, from a look at its column. */
export type LabelKind =
  | { readonly kind: 'classes'; readonly values: readonly string[] }
  /** Quantiles of the label, ascending: ranks are read off them. */
  | { readonly kind: 'number'; readonly cuts: Float64Array }

/** No honest feature tells the answer so well. */
const THRESHOLDS = { auc: 0.97, r2: 0.95, null: 0.98 } as const
/** Rows of each class, or of each kind of row, from which on anything is said. */
const FEWEST = 30
/** Categories counted one by one. */
const MOST_VALUES = 256
/** Rows by which a cell's rate is drawn to the rate of all. */
const PRIOR = 2
/** Column of the label among those of the layout. */
export const LABEL = '#label'

/** Whether a feature tells too well what it should not know. */
export function leaks({ low, threshold }: FeatureLeakage): boolean {
  return low > threshold
}

interface Counted {
  readonly feature: FeatureBaseline
  readonly slot: number
  /** Cells of values; two more are for no value, and any other. */
  readonly values: number
  /** Of each half: by cell, `width` numbers. */
  readonly halves: readonly [Float64Array, Float64Array]
  nulls: number
  nullsOfUnlabelled: number
}

/**
 * Counts features against the label in one pass: values in the cells of the baseline (at most 20 quantile bins, fences and atoms; 256
 * categories), so that memory does not grow with the rows. A cell's score is the label's rate, or mean rank, among one half of the rows and is
 * judged on the other: neither a feature of many values nor one that is not monotone is told wrongly.
 */
export class LeakageScan {
  readonly #counted: readonly Counted[]
  readonly #labelSlot: number
  readonly #width: number
  #place = 0
  #labelled = 0
  #unlabelled = 0

  /** Adds the columns that it reads to the layout. */
  constructor(
    features: readonly FeatureBaseline[],
    layout: Layout,
    private readonly label: LabelKind,
  ) {
    this.#width = label.kind === 'classes' ? label.values.length : 3
    this.#labelSlot = layout.add(LABEL, label.kind === 'classes' ? 'categorical' : 'numeric')
    if (label.kind === 'classes') for (const value of label.values) layout.slots[this.#labelSlot].dictionary.add(value)
    this.#counted = features
      .filter(({ origin }) => origin === undefined)
      .map(feature => {
        const slot = layout.add(feature.name, feature.kind)
        const known = feature.values.slice(0, MOST_VALUES)
        for (const value of known) layout.slots[slot].dictionary.add(value)
        const grid = feature.numeric?.grid
        const values = grid === undefined ? known.length : grid.atoms.length + grid.edges.length + 1
        const size = (values + 2) * this.#width
        const halves = [new Float64Array(size), new Float64Array(size)] as const
        return { feature, slot, values, halves, nulls: 0, nullsOfUnlabelled: 0 }
      })
  }

  observe(row: Row): void {
    const half = isLearntFrom(this.#place++) ? 0 : 1
    const { label } = this
    const flag = row.flags[this.#labelSlot]
    const known = label.kind === 'classes' ? flag === TEXT && row.categories[this.#labelSlot] >= 0 : flag === NUMBER
    if (known) this.#labelled++
    else this.#unlabelled++
    const at = known && label.kind === 'classes' ? row.categories[this.#labelSlot] : 0
    const rank = known && label.kind === 'number' ? rankOf(label.cuts, row.numbers[this.#labelSlot]) : 0
    for (const one of this.#counted) {
      const cell = cellOf(one, row)
      if (cell === one.values) {
        one.nulls++
        if (!known) one.nullsOfUnlabelled++
      }
      if (!known) continue
      const counts = one.halves[half]
      const from = cell * this.#width
      counts[from + at]++
      if (label.kind === 'classes') continue
      counts[from + 1] += rank
      counts[from + 2] += rank * rank
    }
  }

  finish(label: string): Leakage {
    const features = this.#counted.flatMap(one => {
      const told = this.label.kind === 'classes' ? this.#byClasses(one, this.label.values) : byRank(one)
      return [told, this.#byNulls(one)].filter(found => found !== null)
    })
    features.sort((x, y) => y.low - x.low || (x.feature < y.feature ? -1 : 1))
    return { label, labelled: this.#labelled, unlabelled: this.#unlabelled, features }
  }

  #byClasses(one: Counted, classes: readonly string[]): FeatureLeakage | null {
    let best: FeatureLeakage | null = null
    // Of two classes, the one is told as well as the other.
    for (const [k, name] of (classes.length === 2 ? classes.slice(0, 1) : classes).entries()) {
      const found = this.#aucOf(one, k)
      if (found === null || found.low <= (best?.low ?? -1)) continue
      best = { feature: one.feature.name, measure: 'auc', class: classes.length === 2 ? null : name, ...found }
    }
    return best
  }

  /** Each half judged by the rates of the other; the mean of both. */
  #aucOf(one: Counted, k: number): Omit<FeatureLeakage, 'feature' | 'measure' | 'class'> | null {
    const width = this.#width
    const counts = one.halves.map(half =>
      Array.from({ length: half.length / width }, (_, cell) => {
        const all = half.subarray(cell * width, (cell + 1) * width).reduce((sum, n) => sum + n, 0)
        return { positive: half[cell * width + k], all }
      }),
    )
    const found = [0, 1].map(h => {
      const [judged, learnt] = [counts[h], counts[1 - h]]
      const rows = learnt.reduce((sum, { all }) => sum + all, 0)
      const rate = learnt.reduce((sum, { positive }) => sum + positive, 0) / rows
      const score = learnt.map(({ positive, all }) => (positive + PRIOR * rate) / (all + PRIOR))
      const order = [...score.keys()].sort((x, y) => score[x] - score[y])
      const [positive, negative] = [new Map<number, number>(), new Map<number, number>()]
      for (const cell of order) {
        const { positive: p, all } = judged[cell]
        positive.set(score[cell], (positive.get(score[cell]) ?? 0) + p)
        negative.set(score[cell], (negative.get(score[cell]) ?? 0) + all - p)
      }
      return { ...auc([...positive.values()], [...negative.values()]), rows: judged }
    })
    const all = counts.flat()
    const positives = all.reduce((sum, { positive }) => sum + positive, 0)
    const negatives = all.reduce((sum, { all, positive }) => sum + all - positive, 0)
    if (Math.min(positives, negatives) < FEWEST) return null
    const mean = (of: (one: (typeof found)[number]) => number): number => (of(found[0]) + of(found[1])) / 2
    const value = mean(half => half.value)
    const half = Z * Math.sqrt(mean(({ variance }) => variance) / 2)
    const error = one.feature.numeric === null ? 0 : mean(({ error }) => error)
    return { value, low: Math.max(0, value - half), high: Math.min(1, value + half), error, threshold: THRESHOLDS.auc }
  }

  #byNulls({ feature, nulls, nullsOfUnlabelled }: Counted): FeatureLeakage | null {
    const [labelled, unlabelled] = [this.#labelled, this.#unlabelled]
    if (Math.min(labelled, unlabelled, nulls) < FEWEST) return null
    const without = { share: nullsOfUnlabelled / unlabelled, ...wilson(nullsOfUnlabelled, unlabelled) }
    const nullsOfLabelled = nulls - nullsOfUnlabelled
    const having = { share: 1 - nullsOfLabelled / labelled, ...wilson(labelled - nullsOfLabelled, labelled) }
    const { share: value, low, high }: Interval & { share: number } = without.low < having.low ? without : having
    return {
      feature: feature.name,
      measure: 'null',
      class: null,
      value,
      low,
      high,
      error: 0,
      threshold: THRESHOLDS.null,
    }
  }
}

/**
 * Share of the variance of the label's rank that the cells explain, judged on the other half: 1 − Σ(y − ŷ)²/Σ(y − ȳ)². Its standard error is
 * 2R(1 − R²)/√n (Olkin & Finn 1995). 20 bins leave 1/400 of a uniform rank unexplained.
 */
function byRank({ feature, halves, values }: Counted): FeatureLeakage | null {
  const totals = halves.map(half => {
    const sums = [0, 0, 0]
    for (let i = 0; i < half.length; i++) sums[i % 3] += half[i]
    return sums
  })
  const rows = totals[0][0] + totals[1][0]
  if (rows < FEWEST) return null
  let [left, all] = [0, 0]
  for (const h of [0, 1]) {
    const [judged, learnt] = [halves[h], halves[1 - h]]
    const mean = totals[1 - h][1] / totals[1 - h][0]
    for (let cell = 0; cell < values + 2; cell++) {
      const [n, sum, squares] = judged.subarray(3 * cell, 3 * cell + 3)
      const expected = (learnt[3 * cell + 1] + PRIOR * mean) / (learnt[3 * cell] + PRIOR)
      left += squares - 2 * expected * sum + n * expected * expected
      all += squares - 2 * mean * sum + n * mean * mean
    }
  }
  if (!(all > 0)) return null
  const value = Math.max(0, 1 - left / all)
  const half = Z * 2 * Math.sqrt(value / rows) * (1 - value)
  const [low, high] = [Math.max(0, value - half), Math.min(1, value + half)]
  const error = feature.numeric === null ? 0 : Math.min(1 - value, 1 / 400)
  return { feature: feature.name, measure: 'r2', class: null, value, low, high, error, threshold: THRESHOLDS.r2 }
}

function cellOf({ feature, slot, values }: Counted, row: Row): number {
  const flag = row.flags[slot]
  if (flag === NULL || flag === MISSING) return values
  if (feature.numeric === null) return flag === TEXT && row.categories[slot] >= 0 ? row.categories[slot] : values + 1
  if (flag !== NUMBER) return values + 1
  const { atoms, edges } = feature.numeric.grid
  const atom = indexOf(atoms, row.numbers[slot])
  return atom >= 0 ? atom : atoms.length + upperBound(edges, 0, edges.length, row.numbers[slot])
}

/** Rank in [0, 1], equal values in the middle of theirs. */
function rankOf(cuts: Float64Array, y: number): number {
  const above = upperBound(cuts, 0, cuts.length, y)
  let below = above
  while (below > 0 && cuts[below - 1] === y) below--
  return (below + above) / 2 / cuts.length
}

/** What a leak means, and what to do about it. */
export function leakSentence(
  label: string,
  { feature, measure, class: name, value, low, high }: FeatureLeakage,
): string {
  const digits = (x: number): string => String(Number(x.toFixed(4)))
  const interval = `${digits(value)} (95 % ${digits(low)} to ${digits(high)})`
  const what =
    measure === 'null'
      ? `${feature} is missing just where ${label} is: agreement ${interval}`
      : `${feature} alone tells ${name === null ? label : `${label} = ${name}`} with ${measure === 'auc' ? 'an AUC' : 'an R² of ranks'} of ${interval}`
  return `${what}; is it known before the prediction? If not, leave it out of training and of serving.features`
}
