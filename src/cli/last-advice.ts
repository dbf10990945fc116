import { PublicDecoder } from '../codec/public-decoder.js'
import { SHADOW_TYPE } from '../codec/shadow.js'
import type { Shadow } from '../core/monitor.js'
import type { Batch } from '../core/ports.js'
import type { Advice, ShadowEvent } from '../core/shadow/event.js'
import { segmentText } from './alert-text.js'
import { table } from './output.js'

/** What two versions came to in the windows of an output and segment. */
export interface Advised {
  readonly event: ShadowEvent
  /** Windows by their advice, as it was last. */
  readonly windows: Readonly<Partial<Record<Advice, number>>>
}

/** The newest event on two versions of each output and segment, while verdicts go by. */
export class LastAdvice {
  /** By subject, then by the window's end. */
  readonly #advice = new Map<string, Map<string, Advice>>()
  readonly #bySubject = new Map<
    string,
    { readonly headers: Readonly<Record<string, Uint8Array>>; readonly value: Uint8Array }
  >()

  take(batch: Batch): void {
    for (let i = 0; i < batch.size; i++) {
      const headers = batch.headers(i)
      const text = (name: string): string => Buffer.from(headers[name] ?? []).toString()
      if (text('ce_type') !== SHADOW_TYPE) continue
      const subject = text('ce_subject')
      const windows = this.#advice.get(subject) ?? new Map<string, Advice>()
      this.#advice.set(subject, windows.set(text('ce_time'), text('ce_advice') as Advice))
      this.#bySubject.set(subject, { headers, value: new Uint8Array(batch.value(i)!) })
    }
  }

  async advised(): Promise<Advised[]> {
    const decoder = new PublicDecoder(null)
    const all = [...this.#bySubject].map(async ([subject, { headers, value }]): Promise<Advised[]> => {
      const one = await decoder.decode(headers, value)
      const given = [...this.#advice.get(subject)!.values()]
      const windows = Object.fromEntries(
        [...new Set(given)].map(advice => [advice, given.filter(other => other === advice).length]),
      )
      return one?.type === 'shadow' ? [{ event: one.event, windows }] : []
    })
    return (await Promise.all(all)).flat()
  }
}

/** What is advised in the end, and why. */
export function adviceTable(advised: readonly Advised[], { champion, challenger }: Shadow): string {
  if (advised.length === 0)
    return `no row of version ${champion} or ${challenger}: name in shadow what serving.version carries`
  return table(
    ['output', 'segment', 'windows', 'the last'],
    advised.map(({ event, windows }) => [
      event.series.feature,
      segmentText(event.series),
      Object.entries(windows)
        .map(([advice, count]) => `${advice.replace('-', ' ')} ${count}`)
        .join(', '),
      event.summary,
    ]),
  )
}

export function adviceJson({ event, windows }: Advised): object {
  const { series, advice, because, summary, window } = event
  const { feature, segment } = series
  return { feature, segment, windows, advice, because, summary, windowEnd: new Date(window.end).toISOString() }
}
