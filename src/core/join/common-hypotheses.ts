import { FEWEST_ROWS, type Hypothesis, type Mismatch, mostFrequent, type Proposer, tally } from './hypothesis.js'
import { span } from './words.js'

/** One side repeats what the other said earlier of the same entity. */
export function late<V>(rows: readonly Mismatch<V>[]): readonly Hypothesis<V>[] {
  const votes = tally(rows.flatMap(({ lags }) => lags.map(({ steps }) => steps)))
  let best = 0
  for (const [steps, count] of votes)
    if (count > (votes.get(best) ?? 0) || (count === votes.get(best) && Math.abs(steps) < Math.abs(best))) best = steps
  const hits = votes.get(best) ?? 0
  // Values that come often match by chance, and then in both directions.
  const chance = votes.get(-best) ?? 0
  if (hits < FEWEST_ROWS || hits <= 2 * chance + 3 * Math.sqrt(chance)) return []
  const spans = rows.flatMap(({ lags }) => lags.filter(({ steps }) => steps === best).map(({ ms }) => ms))
  const usual = mostFrequent(spans)!
  const constant = usual.count >= 0.95 * spans.length
  const lagMs = constant ? usual.value : spans.sort((x, y) => x - y)[spans.length >> 1]
  const [behind, ahead] = best > 0 ? ['A', 'B'] : ['B', 'A']
  const back = Math.abs(best)
  return [
    {
      code: 'lag',
      explains: ({ lags }) => lags.some(({ steps }) => steps === best),
      sentence: `${behind} is stale by ${constant ? '' : 'about '}${span(lagMs)}: it has what ${ahead} had ${back === 1 ? 'in the row before' : `${back} rows before`} of the same entity`,
      numbers: { rowsBack: best, lagMs },
    },
  ]
}

/** One value stands where the other side has many different ones. */
export function filledIn<V>(fewestValues: number, said: (value: V) => string): Proposer<V> {
  return rows => [
    ...oneValue(rows, 'A', row => [row.a, row.b], fewestValues, said),
    ...oneValue(rows, 'B', row => [row.b, row.a], fewestValues, said),
  ]
}

function oneValue<V>(
  rows: readonly Mismatch<V>[],
  side: 'A' | 'B',
  sides: (row: Mismatch<V>) => readonly [V, V],
  fewestValues: number,
  said: (value: V) => string,
): Hypothesis<V>[] {
  const top = mostFrequent(rows.map(row => sides(row)[0]))
  if (top === null || top.count < FEWEST_ROWS) return []
  const { value, count } = top
  // A value that is frequent anyway stands as often on the other side.
  const usual = rows.filter(row => sides(row)[1] === value).length
  if (count <= 2 * usual + 3 * Math.sqrt(usual)) return []
  const others = new Set(rows.filter(row => sides(row)[0] === value).map(row => sides(row)[1]))
  if (others.size < fewestValues) return []
  const other = side === 'A' ? 'B' : 'A'
  return [
    {
      code: 'imputation',
      explains: row => sides(row)[0] === value,
      sentence: `${side} has ${said(value)} where ${other} has other values: a default filled in`,
      numbers: typeof value === 'number' ? { value } : {},
    },
  ]
}
