import type { VerdictEvent } from '../core/alert/event.js'
import { checksText } from './checks-text.js'
import { type CloudEventAttributes, sourceOf, subjectOf } from './cloud-event.js'
import { castBaseline, castCusum, castEvidence, castWindow, type Form, jsonText, TO_JSON } from './form.js'
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
    `{"id":${JSON.stringify(id)},"series":${jsonText(series)},"window":${sharedText(window, asWindow)},` +
      `"outcome":"${outcome}","skew":"${skew}","drift":"${drift}","because":${JSON.stringify(because)},"checks":`,
    checksText(checks),
    // JSON of earlier versions has none.
    `,"cusum":${cusum ? jsonText(castCusum(cusum, TO_JSON)!) : 'null'},"distances":${jsonText(distances)},"moved":`,
    jsonText(moved),
    `,"quantiles":${quantiles === null ? 'null' : jsonText(quantiles)},"counters":${jsonText(counters)},` +
      `"baseline":${baseline === null ? 'null' : sharedText(baseline, asBaseline)},` +
      `"monitor":${sharedText(monitor, asItIs)},"input":${sharedText(input, asItIs)},` +
      `"software":${JSON.stringify(software)}}`,
  )
}

const asItIs = (one: object): object => one
const asWindow = (window: VerdictEvent['window']): object => castWindow(window, TO_JSON)
const asBaseline = (baseline: NonNullable<VerdictEvent['baseline']>): object => castBaseline(baseline, TO_JSON)

const sharedTexts = new WeakMap<object, string>()

/** The text of what all verdicts of a window have in common, as the same object: made once. */
function sharedText<T extends object>(one: T, cast: (one: T) => object): string {
  let text = sharedTexts.get(one)
  if (text === undefined) sharedTexts.set(one, (text = jsonText(cast(one))))
  return text
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
