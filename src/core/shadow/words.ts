import { number, percent } from '../alert/words.js'
import type { Shadow, Task } from '../monitor.js'
import { adviceOf, type Considered } from './advice.js'
import type { DivergenceFacts } from './event.js'
import { CHALLENGER, CHAMPION } from './shadow-counts.js'

/** What the sentences name. */
export interface Named {
  readonly shadow: Pick<Shadow, 'champion' | 'challenger' | 'mode' | 'minRows'>
  readonly type: Task['type']
}

/** "v13 flips 4.1 % of decisions (95 % 3.6 % to 4.7 %), limit 1 %: roll back". */
export function summaryOf(one: Considered, named: Named): string {
  const { advice, because } = adviceOf(one)
  const limited = one.divergences.filter(({ limit }) => limit !== null)
  const { challenger } = named.shadow
  if (advice === 'roll-back') {
    const beyond = limited.filter(({ verdict }) => verdict === 'beyond')
    return `${challenger} ${sentence(farthest(beyond), named)}: roll back`
  }
  if (advice === 'promote')
    return `${challenger} is within every limit in ${one.within.windows} windows in a row; ${challenger} ${sentence(farthest(limited), named)}: promote`
  return `hold: ${HOLDS[because as keyof typeof HOLDS]?.(one, named) ?? `the window cannot be judged (${because})`}`
}

const HOLDS = {
  'no-challenger': (_, { shadow }) =>
    `no row of version ${shadow.challenger}; is shadow.challenger what serving.version carries?`,
  'no-champion': (_, { shadow }) =>
    `no row of version ${shadow.champion}; is shadow.champion what serving.version carries?`,
  'no-request-in-common': ({ counts: { rows } }, { shadow }) =>
    `no request id in common among ${rows[CHAMPION]} rows of ${shadow.champion} and ${rows[CHALLENGER]} of ${shadow.challenger}: is the traffic split? Then write mode: canary`,
  'too-few-rows': ({ divergences, mode }, named) => {
    const of = mode === 'shadow' ? 'requests that both have scored' : 'rows of each version'
    const open = divergences.filter(({ verdict, needed }) => verdict === 'open' && needed !== null)
    if (open.length === 0) return `too few usable ${of}, about ${named.shadow.minRows} a window are needed`
    // What is beyond already, but for the rows, else what needs the most of them.
    const most = open.reduce((a, b) => (isBeyond(a) || (!isBeyond(b) && a.needed! >= b.needed!) ? a : b))
    return `${most.n} ${of}, about ${most.needed} a window are needed (${sentence(most, named)})`
  },
  'too-near-the-limit': ({ divergences }, named) =>
    `${sentence(farthest(divergences.filter(({ verdict }) => verdict === 'open')), named)}: too near to the limit to tell`,
  'windows-to-come': ({ within, divergences }, named) =>
    `within every limit in ${within.windows} of ${within.needed} windows in a row (${sentence(farthest(divergences.filter(({ limit }) => limit !== null)), named)})`,
  'a-segment-is-beyond': () => 'the rows together are within every limit, those of a segment are beyond one',
} satisfies Readonly<Record<string, (one: Considered, named: Named) => string>>

function isBeyond({ low, high, limit }: DivergenceFacts): boolean {
  return limit !== null && (low > limit || high < -limit)
}

/** The divergence that comes nearest to its limit, or farthest beyond it. */
export function farthest(divergences: readonly DivergenceFacts[]): DivergenceFacts {
  return divergences.reduce((most, one) => (ratioOf(one) > ratioOf(most) ? one : most))
}

/** In limits. */
export function ratioOf({ value, limit }: Pick<DivergenceFacts, 'value' | 'limit'>): number {
  return limit === null || limit <= 0 ? 0 : Math.abs(value) / limit
}

/** What a divergence says of the challenger: "flips 4.1 % of decisions (95 % 3.6 % to 4.7 %), limit 1 %". */
export function sentence(one: DivergenceFacts, { shadow, type }: Named): string {
  const { name, value, low, high, limit } = one
  const show = unitOf(one, type)
  const range = low === high ? '' : ` (95 % ${show(low)} to ${show(high)})`
  const bound = limit === null ? '' : `, limit ${show(limit)}`
  return `${SAYS[name](one, show(Math.abs(value)), shadow)}${range}${bound}`
}

const SAYS: Readonly<
  Record<DivergenceFacts['name'], (one: DivergenceFacts, size: string, of: Named['shadow']) => string>
> = {
  flips: (_, size) => `flips ${size} of decisions`,
  decisions: ({ value, class: of }, size) =>
    `decides ${of ?? 'positive'} for ${size} ${value < 0 ? 'fewer' : 'more'} of all requests`,
  score: ({ value }, size, { mode }) =>
    mode === 'shadow'
      ? `moves scores by ${size} in the mean`
      : `scores ${size} ${value < 0 ? 'lower' : 'higher'} in the mean`,
  latency: ({ value }, size) => `is ${size} ${value < 0 ? 'faster' : 'slower'} in the mean`,
  bias: ({ value }, size) => `scores ${size} ${value < 0 ? 'lower' : 'higher'} in the mean`,
  'score-psi': (_, size) => `has a PSI of ${size} between the scores`,
}

/** How a divergence is written: shares in per cent, latencies in milliseconds. */
export function unitOf({ name }: Pick<DivergenceFacts, 'name'>, type: Task['type']): (x: number) => string {
  if (name === 'latency') return x => `${number(x)} ms`
  const isShare = name === 'flips' || name === 'decisions' || (name === 'score' && type === 'regression')
  return isShare ? x => (x < 0 ? `−${percent(-x)}` : percent(x)) : number
}
