import { differences, plain } from '../detect/cause/spelling.js'
import { beyondChance, FEWEST_ROWS, type Hypothesis, type Mismatch, mostFrequent, type Proposer } from './hypothesis.js'

type Row = Mismatch<string>

/** Part of a label's rows that must have become the same other one. */
const ONE_TO_ONE = 0.8

/** The same text written differently; one hypothesis for each way. */
export const spelled: Proposer<string> = rows => {
  const wayOf = ({ a, b }: Row): string | null => (plain(a) === plain(b) ? differences(a, b).join(', ') : null)
  const ways = new Set(rows.map(wayOf).filter(way => way !== null))
  return [...ways].map(way => ({
    code: 'encoding' as const,
    explains: row => wayOf(row) === way,
    sentence: `A writes B's values differently: ${way || 'several ways'}`,
    numbers: {},
  }))
}

/** All texts of one side end at the same length, and the other side goes on. */
export const cutShort: Proposer<string> = rows => [
  ...shorter(rows, 'A', ({ a, b }) => [a, b]),
  ...shorter(rows, 'B', ({ a, b }) => [b, a]),
]

function shorter(
  rows: readonly Row[],
  side: 'A' | 'B',
  sides: (row: Row) => readonly [string, string],
): Hypothesis<string>[] {
  const cut = rows.filter(row => {
    const [short, long] = sides(row)
    return short.length > 0 && short.length < long.length && long.startsWith(short)
  })
  const usual = mostFrequent(cut.map(row => sides(row)[0].length))
  if (usual === null || usual.count < FEWEST_ROWS) return []
  return [
    {
      code: 'encoding',
      explains: row => {
        const [short, long] = sides(row)
        return short.length === usual.value && long.length > short.length && long.startsWith(short)
      },
      sentence: `${side}'s texts are cut off after ${usual.value} characters`,
      numbers: { characters: usual.value },
    },
  ]
}

/** Each label of B has become one label of A, and no two the same one. */
export const relabelled: Proposer<string> = rows => {
  const map = new Map<string, string>()
  const became = new Map<string, string[]>()
  for (const { a, b } of rows) {
    const labels = became.get(b)
    if (labels === undefined) became.set(b, [a])
    else labels.push(a)
  }
  for (const [label, labels] of became) {
    const most = mostFrequent(labels)!
    if (most.count >= Math.max(3, ONE_TO_ONE * labels.length)) map.set(label, most.value)
  }
  if (map.size < 2 || new Set(map.values()).size < map.size) return []
  const explains = ({ a, b }: Row): boolean => map.get(b) === a
  if (!beyondChance(rows, explains)) return []
  const exchanged = [...map.values()].every(label => map.has(label))
  const told = [...map].slice(0, 3).map(([from, to]) => `"${from}" is "${to}"`)
  return [
    {
      code: exchanged ? 'permuted-labels' : 'encoding',
      explains,
      sentence: `A has B's labels ${exchanged ? 'exchanged' : 'under other names, one to one'}: ${told.join(', ')}${map.size > 3 ? ', …' : ''}`,
      numbers: { labels: map.size },
    },
  ]
}
