import type { KafkaConfig } from 'kafkajs'
import { PublicDecoder } from '../codec/public-decoder.js'
import { registrySchemas } from '../codec/writer-schemas.js'
import type { AlertEvent } from '../core/alert/event.js'
import type { IncidentEvent } from '../core/alert/incident-event.js'
import type { Membership } from '../core/ports.js'
import { KafkaLog } from '../log/kafka/kafka-log.js'
import { EventMember, type SubscriptionStats } from './event-member.js'
import { asDriftlineError, type NoticeOptions, OutageNotices } from './outage-notices.js'
import { TellingLog } from './telling-log.js'
import type { Where } from './where.js'

/** After a lost connection Kafka waits that long for the member that was there before; heartbeats go on while a handler is at work. */
const SESSION_MS = 10_000

export interface SubscribeOptions extends NoticeOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  /** Subscribers of one group share the alerts; each group gets all. Where a group is, Kafka remembers. */
  readonly groupId: string
  /** Needed where the alerts are written in Avro, as they are by a service with a schema registry. */
  readonly registryUrl?: string
  /** `driftline.alerts` unless told. */
  readonly topic?: string
  /** Where a group begins that has never been here: with what comes from now on (unless told), or with the oldest there is. */
  readonly from?: 'latest' | 'earliest'
  readonly where?: Where
  readonly ssl?: KafkaConfig['ssl']
  readonly sasl?: KafkaConfig['sasl']
  readonly clientId?: string
}

/** Where an event came from, and how it stands to the others. */
export interface EventMeta {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** CloudEvent source and id: the same together, the same event. */
  readonly source: string
  readonly id: string
  /** Events of this alert, or incident, missing before this one; null where it cannot be known (the first seen; a filter by severity or status). */
  readonly gap: number | null
  /** 1, then one more for each time the handler has failed on this event. */
  readonly attempt: number
}

export type AlertMeta = EventMeta
export type AlertHandler = (alert: AlertEvent, meta: EventMeta) => Promise<void> | void
export type IncidentHandler = (incident: IncidentEvent, meta: EventMeta) => Promise<void> | void

/** What is called for what; events of a type without a handler are passed over, and counted as foreign. */
export interface Handlers {
  readonly onAlert?: AlertHandler
  readonly onIncident?: IncidentHandler
}

export interface Subscription {
  /** Resolves when the group is joined; rejects when Kafka cannot be reached or has no such topic. Later outages are waited out. */
  readonly ready: Promise<void>
  /** Waits for the handler at work, commits, and leaves the group. */
  close(): Promise<void>
  stats(): SubscriptionStats
}

/**
 * Hands every alert event, and every incident event, to its handler: at least once, one after the other within a model, in the order of each
 * alert's and incident's `sequence`. An incident's event comes before those of the alerts that opened it.
 *
 * An event is committed after its handler has returned. When it throws, `onError` is told, and it is called again with the same event after a
 * growing pause (0.2 to 10 s): nothing is skipped, and the partition waits. Repeated events are recognised by source and id and left out;
 * after a crash the last ones may come again, so the handler's work should bear repeating.
 */
export function subscribe(options: SubscribeOptions, handlers: AlertHandler | Handlers): Subscription {
  const { brokers, groupId, topic = 'driftline.alerts', registryUrl, ssl, sasl, clientId = groupId } = options
  const notices = new OutageNotices(options)
  const telling = new TellingLog(notices)
  const log = new KafkaLog({
    brokers,
    clientId,
    logger: telling,
    sessionTimeoutMs: SESSION_MS,
    onFailure: error => notices.tell(asDriftlineError(`Reading "${topic}" has ended`, error)),
    ...(ssl !== undefined && { ssl }),
    ...(sasl !== undefined && { sasl }),
  })
  const decoder = new PublicDecoder(registryUrl === undefined ? null : registrySchemas(registryUrl))
  const handling = typeof handlers === 'function' ? { onAlert: handlers } : handlers
  const member = new EventMember(decoder, handling, options.where ?? {}, {
    hasRegistry: registryUrl !== undefined,
    tell: error => notices.tell(error),
    failed: error => telling.tellsItself(error),
  })
  const start = options.from === 'earliest' ? 'earliest' : { time: Date.now() }
  let membership: Membership | null = null
  const join = async (): Promise<void> => {
    membership = await log.join(groupId, [topic], member, { start })
    member.commits(membership)
  }
  const ready = join()
  // Whoever does not wait for `ready` still hears of it.
  ready.catch(error => notices.tell(asDriftlineError(`Subscribing to "${topic}" failed`, error)))
  let closing: Promise<void> | null = null
  const close = async (): Promise<void> => {
    member.end()
    await ready.catch(() => {})
    await membership?.leave()
    await log.close()
  }
  return { ready, close: () => (closing ??= close()), stats: () => member.stats }
}
