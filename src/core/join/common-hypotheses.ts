import { FEWEST_ROWS, type Hypothesis, type Mismatch, mostFrequent, type Proposer, tally } from './hypothesis.js'
import { span } from './words.js'

/** One side repeats what the other said earlier of the same entity. */
export function late<V>(rows: readonly Mismatch<V>[], same: readonly V[]): readonly Hypothesis<V>[] {
  const votes = tally(rows.flatMap(({ lags }) => lags.map(({ steps }) => steps)))
  let best = 0
  for (const [steps, count] of votes)
    if (count > (votes.get(best) ?? 0) || (count === votes.get(best) && Math.abs(steps) < Math.abs(best))) best = steps
  const hits = votes.get(best) ?? 0
  // Values that come often match by chance: as often as they come, and in both directions.
  const usual = tally(same)
  const byFrequency =
    rows.reduce((sum, { a, b }) => sum + (usual.get(best > 0 ? a : b) ?? 0), 0) / Math.max(1, same.length)
  const chance = Math.max(votes.get(-best) ?? 0, byFrequency)
  if (hits < FEWEST_ROWS || hits <= 1.3 * chance + 3 * Math.sqrt(chance)) return []
  const spans = rows.flatMap(({ lags }) => lags.filter(({ steps }) => steps === best).map(({ ms }) => ms))
  const most = mostFrequent(spans)!
  const constant = most.count >= 0.95 * spans.length
  const lagMs = constant ? most.value : spans.sort((x, y) => x - y)[spans.length >> 1]
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

/** Matched values from which on it is known what is usual. */
const FEWEST_SAME = 50
/** Where it is not, one value must stand in this part of the rows. */
const NEARLY_ALL = 0.95

/** One value stands where the other side has many different ones. */
export function filledIn<V>(fewestValues: number, said: (value: V) => string): Proposer<V> {
  return (rows, same) => [
    ...oneValue(rows, same, 'A', row => [row.a, row.b], fewestValues, said),
    ...oneValue(rows, same, 'B', row => [row.b, row.a], fewestValues, said),
  ]
}

function oneValue<V>(
  rows: readonly Mismatch<V>[],
  same: readonly V[],
  side: 'A' | 'B',
  sides: (row: Mismatch<V>) => readonly [V, V],
  fewestValues: number,
  said: (value: V) => string,
): Hypothesis<V>[] {
  const usual = tally(same)
  let best: { value: V; count: number; excess: number } | null = null
  for (const [value, count] of tally(rows.map(row => sides(row)[0]))) {
    const excess = count - expectedOf(count, rows.length, usual.get(value) ?? 0, same.length)
    if (excess > (best?.excess ?? 0)) best = { value, count, excess }
  }
  if (best === null || best.count < FEWEST_ROWS) return []
  const { value } = best
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

/**
 * Rows that would have the value if only the other side went wrong: as many to the other rows as among the values that match, with twice that and
 * three standard errors for luck.
 */
function expectedOf(count: number, rows: number, seen: number, same: number): number {
  if (same < FEWEST_SAME) return count >= NEARLY_ALL * rows ? 0 : count
  const share = (seen + 0.5) / (same + 1)
  const expected = ((rows - count) * share) / (1 - share)
  return 2 * expected + 3 * Math.sqrt(expected)
}
