import type { Random } from '../../random.js'
import type { Kind, Value } from './lab.js'

/** What a fault may know of the feature. */
export interface Facts {
  readonly sigma: number
  readonly grid: number | null
  readonly quantile: (p: number) => number
  /** Labels, most frequent first. */
  readonly labels: readonly string[]
  /** A fresh clean value. */
  readonly draw: () => Value
}

export interface Fault {
  readonly name: string
  readonly kinds: readonly Kind[]
  /** Codes that are right. */
  readonly right: readonly string[]
  /** Turns clean rows into faulty ones. */
  readonly apply: (rows: readonly Value[], facts: Facts, random: Random) => Value[]
  /** A change of the world, no fault of a pipeline. */
  readonly benign?: true
  /** Needs nulls to be there before. */
  readonly nulls?: true
}

const BOTH: readonly Kind[] = ['numeric', 'categorical']
const NUMERIC: readonly Kind[] = ['numeric']
const LABELS: readonly Kind[] = ['categorical']

type Turn = (value: number, facts: Facts, random: Random) => Value

const numbers =
  (turn: Turn): Fault['apply'] =>
  (rows, facts, random) =>
    rows.map(value => (typeof value === 'number' ? turn(value, facts, random) : value))

const texts =
  (turn: (value: string, facts: Facts, random: Random) => Value): Fault['apply'] =>
  (rows, facts, random) =>
    rows.map(value => (typeof value === 'string' ? turn(value, facts, random) : value))

/** A part of the rows becomes this. */
const some =
  (share: number, of: (value: Value, facts: Facts, random: Random) => Value): Fault['apply'] =>
  (rows, facts, random) =>
    rows.map(value => (random.chance(share) ? of(value, facts, random) : value))

const toGrid = (x: number, { grid }: Facts): number =>
  grid === null ? x : Number((Math.round(x / grid) * grid).toFixed(9))
/** The world does not fill in zeros where a third of the rows have them. */
const staysZero = (x: number, { quantile }: Facts): boolean => x === 0 && quantile(0.3) === 0

const fault = (
  name: string,
  kinds: readonly Kind[],
  right: readonly string[] | string,
  apply: Fault['apply'],
  more: Partial<Fault> = {},
): Fault => ({ name, kinds, right: typeof right === 'string' ? [right] : right, apply, ...more })

const factor = (c: number): Fault['apply'] => numbers(x => x * c)
const shift = (by: number): Fault['apply'] => numbers((x, facts) => x + by * facts.sigma)
const worldShift = (by: number): Fault['apply'] =>
  numbers((x, facts) => (staysZero(x, facts) ? 0 : toGrid(x + by * facts.sigma, facts)))
const variance = (ratio: number): Fault['apply'] =>
  numbers((x, facts) => {
    const middle = facts.quantile(0.5)
    if (staysZero(x, facts)) return 0
    return toGrid(middle + Math.sqrt(ratio) * (x - middle), facts)
  })
const exactVariance =
  (ratio: number): Fault['apply'] =>
  (rows, _, __) => {
    const numeric = rows.filter(value => typeof value === 'number')
    const mean = numeric.reduce((a, b) => a + b, 0) / numeric.length
    return rows.map(value => (typeof value === 'number' ? mean + Math.sqrt(ratio) * (value - mean) : value))
  }
const impute = (share: number, value: (facts: Facts) => Value): Fault['apply'] =>
  some(share, (_, facts) => value(facts))
const partial = (share: number, c: number): Fault['apply'] =>
  some(share, value => (typeof value === 'number' ? value * c : value))
const clip = (p: number): Fault['apply'] =>
  numbers((x, facts) => (p > 0.5 ? Math.min(x, facts.quantile(p)) : Math.max(x, facts.quantile(p))))
/** A step of .2 to 2 σ; never 1, which may be truncation as well. */
const coarse = (sigma: number): number => {
  const step = 10 ** Math.floor(Math.log10(2 * sigma))
  return step === 1 ? 0.5 : step
}

/** The larger of two draws in a part of the rows: a mixture moves, values stay possible ones. */
const mixture: Fault['apply'] = (rows, { draw }, random) =>
  rows.map(value => {
    if (!random.chance(0.4)) return value
    const other = draw()
    return typeof value === 'number' && typeof other === 'number' ? Math.max(value, other) : value
  })

/** A part of the rows follows other shares: the same labels, weighted anew. */
const otherShares: Fault['apply'] = (rows, { labels }, random) => {
  const weights = labels.map(() => -Math.log(1 - random.next()))
  const total = weights.reduce((a, b) => a + b, 0)
  return rows.map(value => {
    if (typeof value !== 'string' || !random.chance(0.35)) return value
    let left = random.next() * total
    for (const [i, weight] of weights.entries()) if ((left -= weight) < 0) return labels[i]
    return value
  })
}

export const FAULTS: readonly Fault[] = [
  fault(
    'missing 5 %',
    BOTH,
    'missing',
    some(0.05, () => undefined),
  ),
  fault('missing source', BOTH, 'missing-source', rows => rows.map(() => undefined)),
  fault(
    'null +3',
    BOTH,
    'null',
    some(0.03, () => null),
  ),
  fault(
    'null +15',
    BOTH,
    'null',
    some(0.15, () => null),
  ),
  fault(
    'text 5 %',
    NUMERIC,
    'type',
    some(0.05, value => (value === null ? null : String(value))),
  ),
  fault('text 100 %', NUMERIC, 'type', numbers(String)),
  fault(
    'type 10 %',
    LABELS,
    'type',
    some(0.1, () => true),
  ),
  fault(
    'NaN 3 %',
    NUMERIC,
    'nan',
    some(0.03, () => Number.NaN),
  ),
  fault('factor 1.1', NUMERIC, ['unit', 'distribution'], factor(1.1)),
  fault('factor 1.609', NUMERIC, 'unit', factor(1.609)),
  fault('factor 30.44', NUMERIC, 'unit', factor(30.44)),
  fault('factor 1000', NUMERIC, 'unit', factor(1000)),
  fault('factor 1/1000', NUMERIC, 'unit', factor(0.001)),
  fault(
    '°C to °F',
    NUMERIC,
    'unit',
    numbers(x => 1.8 * x + 32),
  ),
  fault('shift 6 σ', NUMERIC, 'unit', shift(6)),
  fault('shift .25 σ', NUMERIC, 'distribution', worldShift(0.25), { benign: true }),
  fault('shift 1 σ', NUMERIC, 'distribution', worldShift(1), { benign: true }),
  fault('exact shift .25 σ', NUMERIC, ['distribution', 'unit'], shift(0.25)),
  fault('exact shift 1 σ', NUMERIC, ['distribution', 'unit'], shift(1)),
  fault('exact variance 1.5', NUMERIC, ['distribution', 'unit'], exactVariance(1.5)),
  fault('variance 1.2', NUMERIC, 'distribution', variance(1.2), { benign: true }),
  fault('variance 1.5', NUMERIC, 'distribution', variance(1.5), { benign: true }),
  fault('mixture', NUMERIC, 'distribution', mixture, { benign: true }),
  fault('other shares', LABELS, 'distribution', otherShares, { benign: true }),
  fault(
    'imputed 3 % zero',
    NUMERIC,
    'imputation',
    impute(0.03, () => 0),
  ),
  fault(
    'imputed 15 % zero',
    NUMERIC,
    'imputation',
    impute(0.15, () => 0),
  ),
  fault(
    'imputed 3 % −999',
    NUMERIC,
    'imputation',
    impute(0.03, () => -999),
  ),
  fault(
    'imputed 15 % mean',
    NUMERIC,
    'imputation',
    impute(0.15, ({ quantile, sigma }) => quantile(0.5) + 0.137 * sigma),
  ),
  fault(
    'imputed 15 % median',
    NUMERIC,
    'imputation',
    impute(0.15, ({ quantile }) => quantile(0.5)),
  ),
  fault(
    'nulls imputed',
    BOTH,
    'imputation',
    (rows, { quantile, labels }) => rows.map(value => value ?? (labels.length > 0 ? labels[0] : quantile(0.5))),
    { nulls: true },
  ),
  fault('imputed 15 % label', LABELS, 'imputation', (rows, facts, random) => {
    // Of two labels one rises as the other falls, whatever the reason.
    if (facts.labels.length < 3) return [...rows]
    return rows.map(value => (random.chance(0.15) ? facts.labels[0] : value))
  }),
  fault('truncated', NUMERIC, 'truncation', numbers(Math.trunc)),
  fault('rounded', NUMERIC, ['rounding', 'truncation'], numbers(Math.round)),
  fault(
    'rounded coarsely',
    NUMERIC,
    'rounding',
    numbers((x, { sigma }) => Number((Math.round(x / coarse(sigma)) * coarse(sigma)).toFixed(9))),
  ),
  fault('partial 5 % × 30.44', NUMERIC, 'partial-unit', partial(0.05, 30.44)),
  fault('partial 30 % × 30.44', NUMERIC, 'partial-unit', partial(0.3, 30.44)),
  fault('partial 5 % × 1000', NUMERIC, 'partial-unit', partial(0.05, 1000)),
  fault('partial 30 % ÷ 30.44', NUMERIC, 'partial-unit', partial(0.3, 1 / 30.44)),
  fault('clipped at q.95', NUMERIC, 'clipping', clip(0.95)),
  fault('clipped at q.8', NUMERIC, 'clipping', clip(0.8)),
  fault('clipped at q.1', NUMERIC, 'clipping', clip(0.1)),
  fault(
    'sign flip',
    NUMERIC,
    'sign-flip',
    numbers(x => -x),
  ),
  fault('frozen', BOTH, 'stale', rows => rows.map(() => rows.find(value => value !== null) ?? null)),
  fault('repeating', NUMERIC, 'stale', (rows, _, random) => {
    // Of a feature with few values nothing repeats more than usual.
    if (new Set(rows).size < 40) return [...rows]
    const few = rows.filter(value => value !== null).slice(0, 12)
    return rows.map(value => (value === null ? null : random.pick(few)))
  }),
  fault(
    'unseen 2 %',
    LABELS,
    'unseen',
    some(0.02, () => 'Zebra'),
  ),
  fault(
    'unseen 10 %',
    LABELS,
    'unseen',
    some(0.1, (_, __, random) => random.pick(['Zebra', 'Yak', 'Xerus'])),
  ),
  fault(
    'upper case',
    LABELS,
    'encoding',
    texts(text => text.toUpperCase()),
  ),
  fault(
    'upper case 20 %',
    LABELS,
    'encoding',
    texts((text, _, random) => (random.chance(0.2) ? text.toUpperCase() : text)),
  ),
  fault(
    'trailing space',
    LABELS,
    'encoding',
    texts(text => `${text} `),
  ),
  fault(
    'leading zeros',
    LABELS,
    'encoding',
    texts(text => text.replace(/^0+/, '')),
  ),
  fault(
    'two labels swapped',
    LABELS,
    'permuted-labels',
    texts((text, { labels }) => (text === labels[0] ? labels[1] : text === labels[1] ? labels[0] : text)),
  ),
  fault(
    'labels rotated',
    LABELS,
    'permuted-labels',
    texts((text, { labels }) => labels[(labels.indexOf(text) + 1) % labels.length]),
  ),
]
