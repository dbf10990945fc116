import type { BaselineFacts, Distances, Moved, Quantiles, VerdictEvent } from '../core/alert/event.js'
import { checksBytes } from './checks-bytes.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castCusum, castEvidence, castWindow, type Form, jsonText, TO_JSON } from './form.js'
import { numbersText, numberText, quotedText, sharedText } from './json-parts.js'
import { utf8Bytes } from './utf8-bytes.js'

export const VERDICT_TYPE = 'dev.driftline.verdict.v1'

/** A verdict from or into a format. */
export function castVerdict(event: VerdictEvent, form: Form): VerdictEvent {
  return {
    ...event,
    window: castWindow(event.window, form),
    outcome: form.symbol(event.outcome),
    skew: form.symbol(event.skew),
    drift: form.symbol(event.drift),
    checks: event.checks.map(one => castEvidence(one, form)),
    // JSON of earlier versions has none.
    cusum: castCusum(event.cusum ?? null, form),
    baseline: event.baseline && castBaseline(event.baseline, form),
  } as unknown as VerdictEvent
}

/**
 * The JSON of a verdict: what `jsonBytes` makes of it cast, but for the order of fields. Labels of bins (≥ 5) make a text take two bytes a
 * letter: what may have some is written apart from the rest.
 */
export function verdictBytes(event: VerdictEvent): Buffer {
  const { id, series, window, outcome, skew, drift, because, checks, cusum, distances, moved, quantiles } = event
  const { counters, baseline, monitor, input, software } = event
  return utf8Bytes(
    `{"id":${JSON.stringify(id)},"series":${jsonText(series)},"window":${sharedText(window, windowText)},` +
      `"outcome":"${outcome}","skew":"${skew}","drift":"${drift}","because":${quotedText(because)},"checks":`,
    checksBytes(checks),
    // JSON of earlier versions has none.
    `,"cusum":${cusum ? jsonText(castCusum(cusum, TO_JSON)!) : 'null'},"distances":${distancesText(distances)},"moved":`,
    movedText(moved),
    `,"quantiles":${quantiles === null ? 'null' : quantilesText(quantiles)},"counters":${countersText(counters)},` +
      `"baseline":${baseline === null ? 'null' : sharedText(baseline, baselineText)},` +
      `"monitor":${sharedText(monitor, jsonText)},"input":${sharedText(input, jsonText)},` +
      `"software":${quotedText(software)}}`,
  )
}

const windowText = (window: VerdictEvent['window']): string => jsonText(castWindow(window, TO_JSON))
const baselineText = (baseline: BaselineFacts): string => jsonText(castBaseline(baseline, TO_JSON))

// Written out: quicker than `JSON.stringify` of a few numbers.

function distancesText({ psi, kl, js, ks, w1, chi2, hellinger }: Distances): string {
  return (
    `{"psi":${numberText(psi)},"kl":${numberText(kl)},"js":${numberText(js)},"ks":${numberText(ks)},` +
    `"w1":${numberText(w1)},"chi2":${numberText(chi2)},"hellinger":${numberText(hellinger)}}`
  )
}

function movedText(moved: readonly Moved[]): string {
  const cells = moved.map(
    ({ value, baselineShare, windowShare, contribution }) =>
      `{"value":${typeof value === 'number' ? numberText(value) : JSON.stringify(value)},` +
      `"baselineShare":${numberText(baselineShare)},"windowShare":${numberText(windowShare)},` +
      `"contribution":${numberText(contribution)}}`,
  )
  return `[${cells.join()}]`
}

/** Those of the baseline are the same list in every window. */
function quantilesText({ p, baseline, window }: Quantiles): string {
  return `{"p":${sharedText(p, numbersText)},"baseline":${sharedText(baseline, numbersText)},"window":${numbersText(window)}}`
}

function countersText(counters: VerdictEvent['counters']): string {
  const named = Object.entries(counters).map(
    ([name, { baseline, window }]) =>
      `${quotedText(name)}:{"baseline":${numberText(baseline)},"window":${numberText(window)}}`,
  )
  return `{${named.join()}}`
}

export function verdictAttributes(event: VerdictEvent): Omit<CloudEventAttributes, 'datacontenttype' | 'dataschema'> {
  const { id, series, window, outcome } = event
  return {
    id,
    source: sourceOf(series.model),
    type: VERDICT_TYPE,
    subject: subjectOf(series),
    time: window.end,
    partitionkey: series.model,
    extensions: { model: series.model, outcome },
  }
}
