import { PublicDecoder } from '../codec/public-decoder.js'
import { TRAFFIC } from '../core/detect/traffic.js'
import { DriftlineError } from '../core/error.js'
import type { Batch } from '../core/ports.js'

/** What the verdicts on features, labels, offline values and versions come to while they go by: whether any of them says something. */
export class Judged {
  #any = false
  #windows = 0
  #silent: { readonly headers: Readonly<Record<string, Uint8Array>>; readonly value: Uint8Array } | null = null

  /** @param from windows that ended before this only build history; epoch ms */
  constructor(private readonly from: number) {}

  take(batch: Batch): void {
    for (let i = 0; i < batch.size && !this.#any; i++) {
      const headers = batch.headers(i)
      const text = (name: string): string => Buffer.from(headers[name] ?? []).toString()
      if (Date.parse(text('ce_time')) < this.from) continue
      this.#windows++
      // Volume and repeated rows are judged without a baseline: that there are rows is no approval of what they hold.
      if (text('ce_subject').endsWith(`/${TRAFFIC}`)) continue
      if (text('ce_outcome') !== 'insufficient-data') this.#any = true
      else this.#silent = { headers, value: new Uint8Array(batch.value(i)!) }
    }
  }

  /** Throws `infrastructure` where nothing was judged: silence is no approval. */
  async mustBeAny({ events, rejected, hasBaseline }: Gated): Promise<void> {
    if (this.#any) return
    throw new DriftlineError(
      'infrastructure',
      `nothing was judged, which is no approval: ${await this.#why({ events, rejected, hasBaseline })}`,
    )
  }

  async #why({ events, rejected, hasBaseline }: Gated): Promise<string> {
    if (events === 0) return 'no row of --events could be sent; does --map name the right columns?'
    if (rejected === events)
      return `all ${events} events were rejected; compare serving.where, time and features of the monitor with the file`
    if (this.#windows === 0)
      return Number.isFinite(this.from)
        ? `no window ends after --from ${new Date(this.from).toISOString()}; name an earlier time, or more events`
        : 'no window was closed; is the model of serving.where in the file?'
    if (!hasBaseline) return 'there is no baseline, and too few windows to learn one from; give --baseline'
    const last = this.#silent && (await new PublicDecoder(null).decode(this.#silent.headers, this.#silent.value))
    const said = last?.type === 'verdict' ? last.event : null
    const because = said && (said.because ?? said.checks.find(one => one.because !== null)?.because ?? null)
    return `every verdict says insufficient-data${because === null ? '' : `, the last one ${because}`}; give more events, longer windows or a lower window.minRows`
  }
}

/** What else is known of a run. */
interface Gated {
  readonly events: number
  readonly rejected: number
  readonly hasBaseline: boolean
}
