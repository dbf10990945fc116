import { PublicDecoder } from '../codec/public-decoder.js'
import type { AlertEvent, VerdictEvent } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import type { PerformanceEvent } from '../core/performance/event.js'
import type { Batch, Log } from '../core/ports.js'
import { ALERTS, VERDICTS } from '../service/topics.js'

interface Waiting {
  readonly headers: Readonly<Record<string, Uint8Array>>
  readonly value: Uint8Array | null
  readonly at: number
}

/** Of an event as it was read: what it says, its bytes, and when it was written (record timestamp, epoch ms). */
export interface Read<E> {
  readonly event: E
  readonly value: Uint8Array
  readonly at: number
}

/**
 * The public topics as any consumer reads them: records from the log, decoded. The demo knows of alerts, incidents, verdicts and performance by this alone,
 * never from the memory of the stages.
 */
export class Published {
  readonly #waiting: Waiting[] = []
  readonly #decoder = new PublicDecoder(null)

  static async follow(log: Log): Promise<Published> {
    const published = new Published()
    const keep = (batch: Batch): void => {
      for (let i = 0; i < batch.size; i++)
        published.#waiting.push({
          headers: batch.headers(i),
          value: batch.value(i)?.slice() ?? null,
          at: batch.timestamp(i),
        })
    }
    await log.follow(ALERTS, keep)
    await log.follow(VERDICTS, keep)
    return published
  }

  /** What was written since the last call. */
  async read(): Promise<{
    alerts: Read<AlertEvent>[]
    incidents: Read<IncidentEvent>[]
    verdicts: Read<VerdictEvent>[]
    performances: Read<PerformanceEvent>[]
  }> {
    const alerts: Read<AlertEvent>[] = []
    const incidents: Read<IncidentEvent>[] = []
    const verdicts: Read<VerdictEvent>[] = []
    const performances: Read<PerformanceEvent>[] = []
    for (const { headers, value, at } of this.#waiting.splice(0)) {
      const decoded = await this.#decoder.decode(headers, value)
      if (decoded === null || value === null) continue
      if (decoded.type === 'alert') alerts.push({ event: decoded.event, value, at })
      else if (decoded.type === 'incident') incidents.push({ event: decoded.event, value, at })
      else if (decoded.type === 'verdict') verdicts.push({ event: decoded.event, value, at })
      else if (decoded.type === 'performance') performances.push({ event: decoded.event, value, at })
    }
    return { alerts, incidents, verdicts, performances }
  }
}
