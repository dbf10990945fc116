import { ALERT_TYPE } from '../codec/alert.js'
import { AVRO_CONTENT, cloudEventOf } from '../codec/cloud-event.js'
import { INCIDENT_TYPE } from '../codec/incident.js'
import type { PublicDecoder, PublicEvent } from '../codec/public-decoder.js'
import { DriftlineError } from '../core/error.js'
import type { Batch, Committed, GroupMember, Membership, Offsets, TopicPartition } from '../core/ports.js'
import { AlertOrder } from './alert-order.js'
import { HandledIds } from './duplicates.js'
import type { EventMeta, Handlers } from './subscribe.js'
import { headerFilter, hidesSteps, type Where } from './where.js'

/** Sum: read = handled + filtered + duplicates + foreign + unreadable. */
export interface SubscriptionStats {
  readonly read: number
  readonly handled: number
  /** Not what `where` asks for. */
  readonly filtered: number
  /** Source and id, or a later event of the alert or incident, handled before. */
  readonly duplicates: number
  /** Events of other types, and of those without a handler. */
  readonly foreign: number
  /** Skipped, and told. */
  readonly unreadable: number
  /** Calls of the handler that threw. */
  readonly failures: number
}

interface Told {
  readonly hasRegistry: boolean
  tell(error: DriftlineError): void
  /** A handler's fault that was told already, and that the log will hear of. */
  failed(error: DriftlineError): void
}

/** A partition in our hands. */
interface Held {
  /** Everything before is done; exact, where ids are remembered for a while only. */
  done: number
  committed: number
  committedAt: number
  /** Of the event at `done`. */
  attempts: number
  readonly order: AlertOrder
}

const MOST_IDS = 10_000
const MOST_ALERTS = 10_000
const COMMIT_EVERY_MS = 1000
const HEARTBEAT_EVERY_MS = 3000

/** What an event is one of: how its life is named, and what takes it. */
type Handled = Extract<PublicEvent, { type: 'alert' | 'incident' }>

/** A group member that hands alerts and incidents to the user's functions, one after the other within a partition. */
export class EventMember implements GroupMember {
  readonly #held = new Map<number, Held>()
  readonly #handledIds = new HandledIds(MOST_IDS)
  readonly #matches: ReturnType<typeof headerFilter>
  readonly #gapsAreKnown: boolean
  readonly #counts = { read: 0, handled: 0, filtered: 0, duplicates: 0, foreign: 0, unreadable: 0, failures: 0 }
  #membership: Membership | null = null
  #ending = false

  constructor(
    private readonly decoder: PublicDecoder,
    private readonly handlers: Handlers,
    where: Where,
    private readonly told: Told,
  ) {
    this.#matches = headerFilter(where)
    this.#gapsAreKnown = !hidesSteps(where)
  }

  get stats(): SubscriptionStats {
    return { ...this.#counts }
  }

  commits(membership: Membership): void {
    this.#membership = membership
  }

  /** The event at work is the last. */
  end(): void {
    this.#ending = true
  }

  async assigned(at: TopicPartition, committed: Committed | null, bounds: Offsets, start: number): Promise<number> {
    const held: Held = {
      done: start,
      committed: committed?.offset ?? -1,
      committedAt: 0,
      attempts: 0,
      order: new AlertOrder(MOST_ALERTS),
    }
    this.#held.set(at.partition, held)
    // A group that was here has a place from the beginning: what comes while nobody is here is not passed over.
    await this.#commit(at, held)
    if (committed !== null && committed.offset < bounds.first)
      this.told.tell(
        new DriftlineError(
          'infrastructure',
          `The alerts ${committed.offset} to ${bounds.first - 1} of ${at.topic}/${at.partition} expired before they were read; going on at ${bounds.first}. ` +
            'Raise the retention of the topic, or read more often.',
        ),
      )
    return start
  }

  revoked({ partition }: TopicPartition): void {
    this.#held.delete(partition)
  }

  async batch(batch: Batch, heartbeat: () => Promise<void>): Promise<void> {
    const held = this.#held.get(batch.partition)
    if (held === undefined) return
    const beating = setInterval(() => void heartbeat(), HEARTBEAT_EVERY_MS)
    try {
      for (let i = 0; i < batch.size && !this.#ending; i++) {
        const offset = batch.offset(i)
        if (offset < held.done) continue
        await this.#one(batch, i, held)
        held.done = offset + 1
        held.attempts = 0
        if (Date.now() - held.committedAt > COMMIT_EVERY_MS) await this.#commit(batch, held)
      }
      if (!this.#ending) held.done = Math.max(held.done, batch.nextOffset)
    } finally {
      clearInterval(beating)
      await this.#commit(batch, held)
    }
  }

  /** Throws when it must be tried again. */
  async #one(batch: Batch, i: number, held: Held): Promise<void> {
    const headers = batch.headers(i)
    const counts = this.#counts
    const attributes = cloudEventOf(headers)
    const type = attributes === null ? 'alert' : this.#typeOf(attributes.type)
    if (type === null) return this.#count('foreign')
    if (attributes !== null && !this.#matches(headers)) return this.#count('filtered')
    const key = `${attributes?.source}\n${attributes?.id}`
    if (this.#handledIds.has(key)) return this.#count('duplicates')
    const place = `${batch.topic}/${batch.partition}, offset ${batch.offset(i)}`
    if (attributes?.datacontenttype === AVRO_CONTENT && !this.told.hasRegistry)
      throw new DriftlineError(
        'infrastructure',
        `The ${type} at ${place} is written in Avro: give subscribe the option registryUrl.`,
      )
    const read = attributes && (await this.decoder.decode(headers, batch.value(i)))
    if (read === null || read.type !== type) {
      this.told.tell(
        new DriftlineError(
          'bad-input',
          `The record at ${place} is no ${type} event that this version can read; it is skipped.`,
        ),
      )
      return this.#count('unreadable')
    }
    const name = nameOf(read)
    const { sequence } = read.event
    const found = held.order.place(name, sequence)
    if (found.older) return this.#count('duplicates')
    try {
      await this.#hand(read, {
        topic: batch.topic,
        partition: batch.partition,
        offset: batch.offset(i),
        source: read.attributes.source,
        id: read.attributes.id,
        gap: this.#gapsAreKnown ? found.gap : null,
        attempt: ++held.attempts,
      })
    } catch (error) {
      counts.failures++
      throw this.#failed(error, name, place, held.attempts)
    }
    this.#handledIds.add(key)
    held.order.handled(name, sequence)
    this.#count('handled')
  }

  /** Null for a type that nobody asked for. */
  #typeOf(type: string): Handled['type'] | null {
    if (type === ALERT_TYPE && this.handlers.onAlert !== undefined) return 'alert'
    return type === INCIDENT_TYPE && this.handlers.onIncident !== undefined ? 'incident' : null
  }

  #hand(read: Handled, meta: EventMeta): Promise<void> | void {
    return read.type === 'alert'
      ? this.handlers.onAlert?.(read.event, meta)
      : this.handlers.onIncident?.(read.event, meta)
  }

  #count(outcome: Exclude<keyof SubscriptionStats, 'read' | 'failures'>): void {
    this.#counts.read++
    this.#counts[outcome]++
  }

  #failed(cause: unknown, name: string, place: string, attempts: number): DriftlineError {
    const said = cause instanceof Error ? cause.message : String(cause)
    const what = `The handler failed on ${name} (${place}), attempt ${attempts}: ${said}`
    const error = new DriftlineError('infrastructure', `${what}. It will be called again with the same event.`, {
      cause,
    })
    this.told.failed(error)
    this.told.tell(error)
    return error
  }

  async #commit(at: TopicPartition, held: Held): Promise<void> {
    if (held.done === held.committed) return
    const { done } = held
    await this.#membership?.commit({ topic: at.topic, partition: at.partition }, done, '')
    held.committed = done
    held.committedAt = Date.now()
  }
}

/** One life through all its events: `alert 7f3a…`. */
function nameOf(read: Handled): string {
  return read.type === 'alert' ? `alert ${read.event.alertId}` : `incident ${read.event.incidentId}`
}
