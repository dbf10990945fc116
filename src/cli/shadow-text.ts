import { number } from '../core/alert/words.js'
import type { Task } from '../core/monitor.js'
import type { Advice, DivergenceFacts, ShadowEvent } from '../core/shadow/event.js'
import { unitOf } from '../core/shadow/words.js'
import { facts, indented } from './alert-text.js'
import { colours as pc } from './colours.js'
import { table } from './output.js'

const ADVICE: Readonly<Record<Advice, (text: string) => string>> = {
  promote: pc.green,
  hold: pc.yellow,
  'roll-back': pc.red,
}

/** The advice, as a line of a list says it. */
export function adviceText({ advice, because }: ShadowEvent): string {
  return `${ADVICE[advice](advice.replace('-', ' '))}${because === null ? '' : ` (${because})`}`
}

/** One window of an output, for who wants to know everything. @param when the window as text */
export function shadowText(event: ShadowEvent, when: string): string {
  const { champion, mode, summary, within, quantiles } = event
  return `${facts([
    ['window', when],
    ['champion', `${champion} (${mode})`],
    ['advice', ADVICE[event.advice](summary)],
    ['rows', rowsText(event)],
    ['within', `${within.windows} windows in a row, ${within.needed} promote`],
    ['flips', flipsText(event)],
    ['|Δscore|', quantilesText(quantiles, quantiles.score)],
    ['Δlatency', quantilesText(quantiles, quantiles.latency)],
  ])}\n${indented(divergenceTable(event))}`
}

/** All divergences, those with a limit first. */
export function divergenceTable(event: ShadowEvent): string {
  const rows = [...event.divergences]
    .sort((a, b) => Number(b.limit !== null) - Number(a.limit !== null))
    .map(one => {
      const show = unitOf(one, typeOf(event))
      return [
        one.class === null ? one.name : `${one.name} of ${one.class}`,
        show(one.value),
        one.low === one.high ? '' : `${show(one.low)} to ${show(one.high)}`,
        one.limit === null ? '–' : show(one.limit),
        verdictText(one),
        String(Math.round(one.n)),
        one.needed === null ? '' : `about ${one.needed} are needed`,
      ]
    })
  return table(['divergence', 'window', '95 %', 'limit', '', 'n', ''], rows)
}

/** What a decision became, the most frequent first; null where none differs. */
export function flipsText({ flips }: ShadowEvent): string | null {
  return flips.length === 0
    ? null
    : flips.map(({ champion, challenger, count }) => `${champion} → ${challenger} ${count}`).join(', ')
}

/** "p50 0.003, p90 0.01, …"; null where there are none. */
export function quantilesText({ p }: ShadowEvent['quantiles'], values: readonly number[]): string | null {
  return values.length === 0 ? null : values.map((value, i) => `p${100 * p[i]} ${number(value)}`).join(', ')
}

export function rowsText({ rows, mode, champion, series }: ShadowEvent): string {
  const each = `${rows.champion} of ${champion}, ${rows.challenger} of ${series.modelVersion}`
  if (mode === 'canary') return each
  return `${rows.pairs} requests scored by both (${each})${rows.unusable > 0 ? `, ${rows.unusable} without a usable score` : ''}`
}

function verdictText({ verdict }: DivergenceFacts): string {
  if (verdict === 'beyond') return pc.red('beyond')
  if (verdict === 'within') return pc.green('within')
  return pc.dim(verdict === 'open' ? 'cannot tell' : 'no limit')
}

/** What its numbers are written in: scores of a regression are told as shares. */
function typeOf({ series, divergences }: ShadowEvent): Task['type'] {
  if (series.featureKind === 'categorical') return 'multiclass'
  return divergences.some(({ name }) => name === 'flips' || name === 'decisions') ? 'binary' : 'regression'
}
