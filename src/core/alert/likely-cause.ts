import { memberFamily } from './belonging.js'
import { type CauseFamily, familyOf } from './cause-family.js'
import { isEffect } from './effect.js'
import type { Cause } from './event.js'
import type { Ranked } from './ranking.js'
import type { Scope } from './scope.js'

/** The one cause that an incident is put down to. */
export interface LikelyCause extends Cause {
  /** The declared upstream source that broke; null where none is known. */
  readonly source: string | null
}

/** So many features absent together, without a declared source, hint at one upstream. */
const TOGETHER = 3
const MOST_NAMED = 3
const CONFIDENCE = { low: 0.5, medium: 0.75, high: 1 } as const
/** "It moved" is what is seen where no cause is known: it outweighs a known cause only in numbers. */
const UNKNOWN = 0.25

/**
 * The strongest cause that the features have in common. Each feature votes with the cause of its leading alert, weighed by importance and
 * confidence; derived series do not vote. The family with the most weight wins, in it the code with the most. A source that broke as a whole
 * speaks for all.
 * @param sources feature → declared source
 */
export function likelyCause(
  features: readonly Ranked[],
  scope: Scope,
  sources: ReadonlyMap<string, string>,
): LikelyCause {
  const whole = features.find(({ isSource }) => isSource)
  if (whole !== undefined) return { ...whole.lead.cause, sentence: whole.lead.summary, source: whole.source }
  const voters = votersOf(features)
  const family = likelyFamily(features)
  const its = voters.filter(({ lead }) => memberFamily(lead) === family)
  const whoMoved = together(its.map(({ lead }) => lead.cause.whoMoved))
  if (family === 'mix') return mixCause(its, scope, whoMoved)
  const code = heaviest(its, ({ lead }) => lead.cause.code, weight)
  const lead = its.find(one => one.lead.cause.code === code)!.lead
  const source = sourceOf(family, its, sources)
  if (its.length === 1)
    return { ...lead.cause, ...(source !== null && { code: 'missing-source' }), sentence: lead.summary, source }
  const upstream = family === 'absence' && (source !== null || its.length >= TOGETHER)
  const others = [...new Set(voters.map(one => one.lead.cause.code))].filter(other => other !== code)
  return {
    code: upstream ? 'missing-source' : code,
    confidence: source !== null || !upstream ? lead.cause.confidence : 'medium',
    sentence: sentenceOf(family, its, source, upstream),
    numbers: { ...common(its), features: its.length, share: its.length / voters.length },
    alternatives: upstream ? [code, ...others.filter(other => other !== 'missing-source')] : others,
    whoMoved,
    source,
  }
}

/** The family with the most weight. @param features at least one */
export function likelyFamily(features: readonly Ranked[]): CauseFamily {
  return heaviest(votersOf(features), one => memberFamily(one.lead), weight)
}

function votersOf(features: readonly Ranked[]): readonly Ranked[] {
  return features.some(({ derived }) => !derived) ? features.filter(({ derived }) => !derived) : features
}

function weight({ importance, lead }: Ranked): number {
  return (importance ?? 0.1) * CONFIDENCE[lead.cause.confidence] * (memberFamily(lead) === 'distribution' ? UNKNOWN : 1)
}

/** The declared source that at least half of the features come from, where its features are absent or stale. */
function sourceOf(family: CauseFamily, its: readonly Ranked[], sources: ReadonlyMap<string, string>): string | null {
  if (family !== 'absence' && family !== 'time') return null
  const declared = its.flatMap(({ feature }) => sources.get(feature) ?? [])
  if (declared.length === 0) return null
  const source = heaviest(
    declared,
    one => one,
    () => 1,
  )
  const siblings = [...sources.values()].filter(one => one === source).length
  const hit = declared.filter(one => one === source).length
  return hit > 1 && 2 * hit >= Math.min(siblings, its.length) ? source : null
}

function mixCause(its: readonly Ranked[], scope: Scope, whoMoved: Cause['whoMoved']): LikelyCause {
  const numbers = Object.fromEntries(
    scope.segments.flatMap(({ segment, usualShare, share }) => {
      const value = Object.values(segment).join(' ')
      return [[`${value} now`, share], ...(usualShare === null ? [] : [[`${value} usually`, usualShare]])]
    }),
  )
  const sentence = `${names(its)} moved ${scope.sentence}`
  return {
    code: 'mix',
    confidence: 'medium',
    sentence,
    numbers,
    alternatives: ['distribution'],
    whoMoved,
    source: null,
  }
}

const WORDS: Readonly<Record<CauseFamily, string>> = {
  deploy: 'moved with the deploy',
  absence: 'are missing',
  type: 'changed their type together',
  exchange: 'have the values of others',
  time: 'are stale or late together',
  scale: 'changed their scale together',
  labels: 'have other labels since the same time',
  precision: 'lost precision together',
  schema: 'are served but were not in training',
  volume: 'lost volume together',
  mix: 'moved through the mix',
  parity: 'differ from their offline values',
  distribution: 'moved together',
  'concept-drift': 'mean something else',
  'label-shift': 'have other labels',
  performance: 'got worse together',
  'feedback-loop': 'shape what becomes known',
}

function sentenceOf(family: CauseFamily, its: readonly Ranked[], source: string | null, upstream: boolean): string {
  const what = family === 'absence' ? absenceWords(its) : WORDS[family]
  const why = source !== null ? `, upstream source ${source}` : upstream ? ', likely one upstream source' : ''
  // What one says of itself is worth more than the family's name.
  const example = family === 'absence' || family === 'schema' ? '' : ` (${its[0].lead.summary})`
  const who = its.every(({ lead }) => isEffect(lead)) ? 'outputs' : 'features'
  return `${its.length} ${who} ${what}${why}: ${names(its)}${example}`
}

function absenceWords(its: readonly Ranked[]): string {
  const codes = new Set(its.map(({ lead }) => lead.cause.code))
  if (codes.size === 1 && codes.has('null')) return 'became null together'
  if (codes.size === 1 && codes.has('imputation')) return 'are filled with one value each'
  return codes.has('null') ? 'went missing or null together' : 'went missing together'
}

/** "fare, tolls, tip and 9 more". */
export function names(features: readonly Pick<Ranked, 'feature'>[]): string {
  const all = features.map(({ feature }) => feature)
  if (all.length <= MOST_NAMED + 1)
    return all.length < 2 ? all.join() : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`
  return `${all.slice(0, MOST_NAMED).join(', ')} and ${all.length - MOST_NAMED} more`
}

/** Numbers that all have, where they are the same: one factor, one shift. */
function common(its: readonly Ranked[]): Record<string, number> {
  const [first, ...others] = its.map(({ lead }) => lead.cause.numbers)
  return Object.fromEntries(
    Object.entries(first).filter(([name, value]) =>
      others.every(other => Math.abs((other[name] ?? Number.NaN) - value) <= 1e-9 * Math.abs(value)),
    ),
  )
}

function together(all: readonly Cause['whoMoved'][]): Cause['whoMoved'] {
  const said = new Set(all.filter(one => one !== 'unknown'))
  if (said.size === 0) return 'unknown'
  return said.size === 1 ? [...said][0] : 'both'
}

/** The key with the most weight; of equal ones the first in text order. */
function heaviest<T, K extends string>(all: readonly T[], key: (one: T) => K, weight: (one: T) => number): K {
  const sums = new Map<K, number>()
  for (const one of all) sums.set(key(one), (sums.get(key(one)) ?? 0) + weight(one))
  return [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0][0]
}

/** Whether the cause is one that a pipeline's owner can mend. */
export function isMendable({ whoMoved, code }: Cause): boolean {
  return (
    whoMoved === 'pipeline' || (whoMoved === 'unknown' && !['distribution', 'mix', 'volume'].includes(familyOf(code)))
  )
}
