import { setTimeout as sleep } from 'node:timers/promises'
import { DriftlineError } from '../core/error.js'
import { Connection } from '../log/kafka/connection.js'
import { OutageNotices } from './outage-notices.js'
import type { OutboxStats } from './outbox.js'
import { filled, type ProducerOptions } from './producer-options.js'
import { Sender } from './sender.js'
import { SILENT } from './silent.js'
import { TopicWriter } from './topic-writer.js'

const LONGEST_PARTING_MS = 1000

/** What a model was served with. Any object will do: the monitor file maps its fields; these names need no mapping. */
export interface FeatureEvent {
  readonly requestId: string
  readonly model: string
  readonly modelVersion?: string
  /** Epoch ms. */
  readonly eventTime: number
  readonly features: Readonly<Record<string, number | string | boolean | null | undefined>>
}

/** What came of a request, once it is known. */
export interface LabelEvent {
  readonly requestId: string
  readonly model?: string
  /** Epoch ms. */
  readonly labelledAt: number
  readonly value: number | string | boolean | null
}

export interface ProducerStats {
  readonly features: OutboxStats
  /** Null without a topic for labels. */
  readonly labels: OutboxStats | null
  /** What does not work at present; null when all does. */
  readonly outage: string | null
}

/** Never blocks, and in the mode `observe` never throws: made to be called where a model scores. */
export interface FeatureProducer<F extends object = FeatureEvent, L extends object = LabelEvent> {
  /** Buffers the event and returns. @returns whether it was taken; false is counted by its cause in `stats()` */
  features(event: F): boolean
  labels(event: L): boolean
  /** As `features`, but waits for room where the buffer is full. */
  featuresAsync(event: F): Promise<boolean>
  labelsAsync(event: L): Promise<boolean>
  /** Resolves when all buffers are at most half full. */
  drain(): Promise<void>
  /** Sends what is buffered without lingering. @returns whether all of it is acknowledged (or refused) in time; never throws */
  flush(options?: { readonly timeoutMs?: number }): Promise<boolean>
  /** Flushes, then disconnects. What Kafka has not acknowledged in time (10 s unless told) is counted as abandoned and told. */
  close(options?: { readonly timeoutMs?: number }): Promise<ProducerStats>
  stats(): ProducerStats
}

/**
 * Sends the features (and labels) that models are served with to Kafka, in the background.
 *
 * While Kafka or the registry is away, events are kept up to the bound, in order, and `onError` is told once. A lost answer makes kafkajs send
 * again, so an event may arrive twice; one that was accepted is never lost while the process lives, but for what `stats()` counts as dropped.
 *
 * Throws a DriftlineError for options that make no sense; does not connect before the first event.
 */
export function createProducer<F extends object = FeatureEvent, L extends object = LabelEvent>(
  given: ProducerOptions,
): FeatureProducer<F, L> {
  const options = filled(given)
  const { brokers, clientId = 'driftline-client', ssl, sasl } = options
  const connection = new Connection({
    brokers,
    clientId,
    logger: SILENT,
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
  })
  const notices = new OutageNotices(options)
  const sender = new Sender(connection)
  const onPressure = (pressed: boolean) => options.onPressure?.(pressed, stats())
  const writer = (topic: string, schema: object | undefined) =>
    new TopicWriter(topic, schema, options, sender, notices, onPressure)
  const features = writer(options.topic, options.schema)
  const labels = options.labelsTopic === undefined ? null : writer(options.labelsTopic, options.labelsSchema)
  const writers = labels === null ? [features] : [features, labels]

  const stats = (): ProducerStats => ({
    features: features.stats,
    labels: labels?.stats ?? null,
    outage: notices.current,
  })
  const flush = async ({ timeoutMs = 30_000 } = {}): Promise<boolean> =>
    (await Promise.all(writers.map(one => one.flush(timeoutMs)))).every(Boolean)

  let told = false
  const noLabels = (): false => {
    const why = 'labels() needs a topic of its own: give createProducer the option labelsTopic'
    const error = new DriftlineError('bad-input', why)
    if (options.mode === 'strict') throw error
    if (!told) notices.tell(error)
    told = true
    return false
  }

  return {
    features: event => features.write(event),
    featuresAsync: event => features.writeAsync(event),
    labels: event => labels?.write(event) ?? noLabels(),
    labelsAsync: async event => labels?.writeAsync(event) ?? noLabels(),
    drain: async () => void (await Promise.all(writers.map(one => one.drained()))),
    flush,
    stats,
    async close({ timeoutMs = 10_000 } = {}) {
      for (const one of writers) one.end()
      await flush({ timeoutMs })
      for (const one of writers) one.abandon()
      // An attempt to connect may last; nobody has to wait for its end.
      await Promise.race([sender.reset(), sleep(LONGEST_PARTING_MS, undefined, { ref: false })])
      return stats()
    },
  }
}
