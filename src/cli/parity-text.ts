import { number, percent } from '../core/alert/words.js'
import { span } from '../core/join/words.js'
import type { ParityEvent, ParityFacts } from '../core/parity/event.js'
import { facts, indented } from './alert-text.js'
import { table } from './output.js'

/** What decides, in a line: of a feature, or of the join. */
export function parityHeadline({ parity, join, note }: ParityEvent): string {
  if (parity === null) return note ?? `offline values of ${join.joined} of ${join.served} rows`
  const [cause] = parity.causes
  return `${percent(parity.rate)} differ (tolerated ${percent(parity.tolerated)})${cause === undefined ? '' : `: ${cause.sentence}`}`
}

/** All that is known of one feature, or of the join. */
export function parityText({ parity, join, note }: ParityEvent): string {
  const { served, joined, unmatched, duplicatesServed, duplicatesOffline } = join
  const rows = facts([
    ['rows', `${served} served, ${joined} with their offline row, ${unmatched} without`],
    ['duplicates', `${duplicatesServed} served, ${duplicatesOffline} offline`],
    ['note', note],
    ...(parity === null ? [] : countFacts(parity)),
  ])
  if (parity === null || parity.causes.length + parity.examples.length === 0) return rows
  const causes = parity.causes.map(({ share, code, sentence }) => [percent(share), code, sentence])
  const unexplained = parity.unexplained > 0 ? [[percent(parity.unexplained), '', 'not explained']] : []
  const examples = parity.examples.map(one => [
    `${one.servedPartition}/${one.servedOffset}`,
    `${one.offlinePartition}/${one.offlineOffset}`,
    one.served ?? 'null',
    one.offline ?? 'null',
  ])
  return [
    rows,
    indented(table(['of the pairs', 'cause', ''], [...causes, ...unexplained])),
    ...(examples.length === 0 ? [] : [indented(table(['served row', 'offline row', 'served', 'offline'], examples))]),
  ].join('\n')
}

function countFacts(parity: ParityFacts): [string, string | null][] {
  const { pairs, matched, mismatched, nullServed, nullOffline, types, rate, low, high, tolerated } = parity
  const { meanDifference, medianRatio, lagMs } = parity
  const counts = `${matched} of ${pairs} pairs match, ${mismatched} differ; only served null ${nullServed}, only offline null ${nullOffline}, types ${types}`
  const difference =
    meanDifference === null
      ? null
      : `served − offline ${number(meanDifference)} in the mean${medianRatio === null ? '' : `, served / offline ${number(medianRatio)} in the median`}`
  const late = lagMs === null ? null : `${lagMs > 0 ? 'served' : 'offline'} values are ${span(lagMs)} late`
  return [
    ['pairs', counts],
    ['differ', `${percent(rate)} (99 % ${percent(low)} to ${percent(high)}), tolerated ${percent(tolerated)}`],
    ['difference', difference],
    ['lag', late],
  ]
}
