import type { Evidence } from '../core/alert/event.js'

/**
 * The JSON text of a verdict's checks, letter for letter what `JSON.stringify` makes of them, in half the time: thirty of them have the same
 * names, and nearly the same texts, again and again. Numbers that are not finite are as `jsonBytes` has them.
 */
export function checksText(checks: readonly Evidence[]): string {
  let text = '['
  for (let c = 0; c < checks.length; c++) text += (c === 0 ? '' : ',') + checkText(checks[c])
  return `${text}]`
}

function checkText(check: Evidence): string {
  const { against, statistic, value, threshold, thresholdFrom, noiseFloor, alpha, phi } = check
  const { calibrated, n, m, outcome, because, decides } = check
  return (
    `{"against":${quoted(against)},"check":${quoted(check.check)},"statistic":${quoted(statistic)},"value":${number(value)},` +
    `"threshold":${number(threshold)},"thresholdFrom":${quoted(thresholdFrom)},"noiseFloor":${number(noiseFloor)},` +
    `"alpha":${number(alpha)},"phi":${number(phi)},"calibrated":${calibrated},"n":${number(n)},"m":${number(m)},` +
    `"outcome":${quoted(outcome)},"because":${quoted(because)},"decides":${decides}}`
  )
}

function number(x: number | null): string {
  if (x === null || Number.isNaN(x)) return 'null'
  return String(Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, x)))
}

/** Names of checks and labels; there may be labels without end. */
const known = new Map<string | null, string>()
const MOST_KNOWN = 1000

function quoted(name: string | null): string {
  let text = known.get(name)
  if (text === undefined) {
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(name, (text = JSON.stringify(name)))
  }
  return text
}
