import type { Logger } from 'pino'
import type { PublicEncoder } from '../codec/public-encoder.js'
import { addTo, type Decisions, noDecisions } from '../core/evaluation/decisions.js'
import type { Clock, Log, OutgoingRecord } from '../core/ports.js'
import { activate, firstPane, publishBaseline } from './baselines.js'
import { contentHash } from './content-hash.js'
import type { Knowledge } from './knowledge.js'
import type { Metrics } from './metrics.js'
import type { Enrolled } from './roster.js'
import { ALERTS, VERDICTS } from './topics.js'

export interface OutboxOptions {
  readonly log: Log
  readonly clock: Clock
  readonly metrics: Metrics
  readonly logger: Logger
  readonly knowledge: Knowledge
  readonly encoder: PublicEncoder
  /** Monitor versions to judge, as known now. */
  readonly enrolled: () => readonly Enrolled[]
}

interface Written {
  readonly record: OutgoingRecord
  readonly model: string
  readonly outcome: string
}

/** What the messages of one batch decide, until it is published. */
export class Outbox {
  #written: Written[] = []
  #others = noDecisions()

  constructor(private readonly options: OutboxOptions) {}

  /** Events on windows that wait. */
  get size(): number {
    return this.#written.length + this.#others.parities.length
  }

  /** Verdicts are written at once: a thousand of them as objects cost more to keep than to make. */
  add({ verdicts, ...others }: Decisions): void {
    const { encoder } = this.options
    for (const event of verdicts)
      this.#written.push({ record: encoder.verdict(event), model: event.series.model, outcome: event.outcome })
    addTo(this.#others, { ...others, verdicts: [] })
  }

  /** Publishes all that waits. */
  async publish(): Promise<void> {
    const written = this.#written
    const { performances, parities, shadows, alerts, incidents, born } = this.#others
    this.#written = []
    this.#others = noDecisions()
    const { log, encoder, metrics, logger } = this.options
    // Somebody waits for alerts, and nobody for verdicts. The incident before its alerts: who reads in order knows what they belong to.
    if (alerts.length + incidents.length > 0)
      await log.append(ALERTS, [
        ...incidents.map(event => encoder.incident(event)),
        ...alerts.map(event => encoder.alert(event)),
      ])
    if (written.length + performances.length + parities.length + shadows.length > 0)
      await log.append(VERDICTS, [
        ...written.map(({ record }) => record),
        ...performances.map(event => encoder.performance(event)),
        ...parities.map(event => encoder.parity(event)),
        ...shadows.map(event => encoder.shadow(event)),
      ])
    for (const draft of born) await this.#adopt(draft)
    for (const { model, outcome } of written) metrics.verdicts.inc({ model, outcome })
    for (const { series, outcome } of [...performances, ...parities, ...shadows])
      metrics.verdicts.inc({ model: series.model, outcome })
    // No summary: it may name categories and segments, and logs go where the events do not.
    for (const { id, incidentId, model, modelVersion, status, kind, severity, window } of incidents)
      logger.info({ id, incidentId, status, kind, severity, model, modelVersion, windowEnd: window.end }, 'incident')
    for (const { id, alertId, series, status, kind, check, severity, window } of alerts) {
      metrics.alerts.inc({ model: series.model, status, kind })
      const { model, modelVersion, feature } = series
      logger.info(
        { id, alertId, status, kind, check, severity, model, modelVersion, feature, windowEnd: window.end },
        'alert',
      )
    }
  }

  /** A baseline of the first windows is written and judged against like one that was loaded. */
  async #adopt(draft: Decisions['born'][number]): Promise<void> {
    const { log, clock, knowledge, enrolled, logger } = this.options
    const monitor = enrolled().find(one => one.monitor.model === draft.model)?.monitor
    await knowledge.catchUp()
    if (monitor === undefined || knowledge.baselines(draft.model).length > 0) return
    const from = firstPane(monitor, clock.now())
    const unnamed = { ...draft, version: 1, loadedAt: clock.now(), from, hash: '' }
    const baseline = { ...unnamed, hash: contentHash(unnamed) }
    await publishBaseline(log, baseline)
    const { model, modelVersion, version } = baseline
    await activate(log, { model, modelVersion, baseline: version, from, by: 'first-windows', at: clock.now() })
    logger.info({ model, rows: draft.rows, from }, 'the first windows have become the baseline')
  }
}
