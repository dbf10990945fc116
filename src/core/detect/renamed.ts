import { editDistance } from '../edit-distance.js'
import { tokensOf } from './names.js'

/** A feature of training that rows no longer have. */
export interface Vanished {
  readonly name: string
  /** Share of rows that lost it: missing now less missing in training. */
  readonly lost: number
}

/** A feature that training did not have (`Part.news`). */
export interface Appeared {
  readonly name: string
  /** Share of rows that have it. */
  readonly share: number
}

export interface Rename {
  readonly from: string
  readonly to: string
  /** 1: the same but for case and separators. */
  readonly likeness: number
  readonly confidence: 'high' | 'medium' | 'low'
  readonly sentence: string
}

/** Names less alike than this are two features. */
const ALIKE = 0.6
const VERY_ALIKE = 0.85
/** A second candidate this near makes the best one doubtful. */
const NEAR = 0.1
/** The one came in the rows that the other went from: shares may differ by so much, or by a fifth. */
const SAME_SHARE = 0.05

/**
 * Which new features look like vanished ones under another name. All there is to go by are the names and that the one came where the other
 * went: values of features that training did not have are not counted. Best pairs first, each name once; nothing where nothing fits.
 */
export function renamesOf(vanished: readonly Vanished[], appeared: readonly Appeared[]): Rename[] {
  const pairs = vanished.flatMap(({ name: from, lost }) =>
    appeared
      .filter(({ share }) => lost > 0 && Math.abs(share - lost) <= Math.max(SAME_SHARE, 0.2 * lost))
      .map(({ name: to }) => ({ from, to, likeness: likeness(from, to) }))
      .filter(pair => pair.likeness >= ALIKE),
  )
  pairs.sort((a, b) => b.likeness - a.likeness || order(a.from, b.from) || order(a.to, b.to))
  const renames: Rename[] = []
  const taken = new Set<string>()
  for (const pair of pairs) {
    const { from, to } = pair
    if (taken.has(`from ${from}`) || taken.has(`to ${to}`)) continue
    taken.add(`from ${from}`).add(`to ${to}`)
    const rivals = pairs.filter(
      other => (other.from === from) !== (other.to === to) && pair.likeness - other.likeness < NEAR,
    )
    renames.push({ ...pair, confidence: confidenceOf(pair.likeness, rivals.length > 0), sentence: sentenceOf(pair) })
  }
  return renames
}

function confidenceOf(likeness: number, rivalled: boolean): Rename['confidence'] {
  if (rivalled) return 'low'
  return likeness === 1 ? 'high' : likeness >= VERY_ALIKE ? 'medium' : 'low'
}

function sentenceOf({ from, to, likeness }: Pick<Rename, 'from' | 'to' | 'likeness'>): string {
  const how = likeness === 1 ? ': only case and separators differ' : ''
  return `${to} looks like what was ${from}${how}`
}

/**
 * How alike two names are, 0 to 1: the larger of 1 − edit distance/length and the weight of the words they share, case and separators left
 * out. Names whose numbers differ (`v1`, `v2`; `f_1`, `f_2`) are different.
 */
export function likeness(a: string, b: string): number {
  const [x, y] = [tokensOf(a), tokensOf(b)]
  const [whole, other] = [x.join(''), y.join('')]
  if (whole === '' || other === '') return a === b ? 1 : 0
  if (whole === other) return 1
  const numbers = (tokens: readonly string[]): string => tokens.filter(token => /^\d+$/.test(token)).join()
  if (numbers(x) !== '' && numbers(y) !== '' && numbers(x) !== numbers(y)) return 0
  const spelling = 1 - editDistance(whole, other) / Math.max(whole.length, other.length)
  return Math.min(0.99, Math.max(spelling, shared(x, y)))
}

/** Letters of the words that both have, of all letters; a word and its beginning (`dist`, `distance`) count as one. */
function shared(x: readonly string[], y: readonly string[]): number {
  const left = [...y]
  let common = 0
  for (const token of x) {
    const at = left.findIndex(other => other === token || abbreviates(other, token) || abbreviates(token, other))
    if (at < 0) continue
    common += token.length + left[at].length
    left.splice(at, 1)
  }
  return common / (x.join('').length + y.join('').length)
}

function abbreviates(short: string, long: string): boolean {
  return short.length >= 3 && long.startsWith(short)
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
