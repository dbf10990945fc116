import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** Everything `/metrics` tells, declared in one place. */
export class Metrics {
  readonly registry = new Registry()

  readonly records = this.#counter('driftline_records_total', 'Records of a source partition by outcome, per monitor', [
    'topic',
    'partition',
    'model',
    'outcome',
  ])
  readonly rejections = this.#counter('driftline_rejections_total', 'Rejected records by cause', ['topic', 'cause'])
  readonly lag = this.#gauge('driftline_lag_records', 'Records not yet read', ['topic', 'partition'])
  readonly watermark = this.#gauge(
    'driftline_watermark_seconds',
    'Highest event time accepted from a source partition, Unix seconds',
    ['topic', 'partition', 'model'],
  )
  readonly watermarkDelay = this.#gauge(
    'driftline_watermark_delay_seconds',
    'Wall clock minus the watermark that closes windows',
    ['model'],
  )
  readonly openParts = this.#gauge('driftline_open_parts', 'Parts that still take rows', [
    'topic',
    'partition',
    'model',
  ])
  readonly partsPublished = this.#counter('driftline_parts_published_total', 'Parts written to driftline.panes', [
    'model',
  ])
  readonly partBytes = this.#counter('driftline_part_bytes_total', 'Bytes written to driftline.panes', ['model'])
  readonly joinRows = this.#counter('driftline_join_rows_total', 'Rows written to driftline.joins', ['model', 'side'])
  readonly joinBytes = this.#counter('driftline_join_bytes_total', 'Bytes of rows written to driftline.joins', [
    'model',
    'side',
  ])
  readonly leftOut = this.#counter(
    'driftline_left_out_total',
    'What a cap has kept out: rows that count as version or segment other or as late, values of further features',
    ['model', 'cap'],
  )
  readonly windowRows = this.#counter('driftline_window_rows_total', 'Rows that stage 2 has taken into parts', [
    'model',
  ])
  readonly expired = this.#gauge(
    'driftline_expired_rows',
    'Rows refused at stage 2 because no window takes them any more',
    ['model'],
  )
  readonly joined = this.#gauge(
    'driftline_joined_rows',
    'Predictions and labels by what became of them, in one partition of driftline.joins',
    ['partition', 'model', 'side', 'outcome'],
  )
  readonly joinKeys = this.#gauge('driftline_join_keys', 'Keys held for rows that wait, or may come again', [
    'partition',
    'model',
  ])
  readonly verdicts = this.#counter('driftline_verdicts_total', 'Verdicts by outcome', ['model', 'outcome'])
  readonly alerts = this.#counter('driftline_alert_events_total', 'Alert events by status', ['model', 'status', 'kind'])
  readonly firing = this.#gauge('driftline_alerts_firing', 'Alerts firing now', ['model'])
  readonly decode = this.#histogram('driftline_batch_seconds', 'Time to decode and observe one fetched batch', [
    'topic',
  ])
  readonly close = this.#histogram('driftline_close_seconds', 'Time to judge the windows that one marker closed', [
    'model',
  ])
  readonly publishing = this.#histogram('driftline_publish_seconds', 'Time until the log acknowledged a write', [
    'topic',
  ])

  readonly restores = this.#counter(
    'driftline_restores_total',
    'Partitions taken over, by what their state came from',
    ['topic', 'from'],
  )
  readonly checkpoints = this.#counter(
    'driftline_checkpoint_writes_total',
    'Checkpoints by outcome: written, refused (a later one is stored), failed',
    ['topic', 'outcome'],
  )
  readonly checkpointBytes = this.#counter('driftline_checkpoint_bytes_total', 'Bytes of checkpoints written', [
    'topic',
  ])
  readonly checkpointTime = this.#histogram(
    'driftline_checkpoint_seconds',
    'Time to encode a checkpoint and have it stored',
    ['topic'],
  )
  readonly checkpointAge = this.#gauge(
    'driftline_checkpoint_age_seconds',
    'Time since the partition was last stored, or taken over',
    ['topic', 'partition'],
  )

  /** Adds what Node tells of the whole process: CPU, memory, collections, delay of the event loop. Once a process: it is watched to its end. */
  watchProcess(): void {
    collectDefaultMetrics({ register: this.registry })
  }

  text(): Promise<string> {
    return this.registry.metrics()
  }

  #counter<L extends string>(name: string, help: string, labelNames: L[]) {
    return new Counter({ name, help, labelNames, registers: [this.registry] })
  }

  #gauge<L extends string>(name: string, help: string, labelNames: L[]) {
    return new Gauge({ name, help, labelNames, registers: [this.registry] })
  }

  #histogram<L extends string>(name: string, help: string, labelNames: L[]) {
    const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    return new Histogram({ name, help, labelNames, buckets, registers: [this.registry] })
  }
}
