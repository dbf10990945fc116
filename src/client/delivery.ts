import { setTimeout as sleep } from 'node:timers/promises'
import type { IHeaders } from 'kafkajs'
import { DriftlineError } from '../core/error.js'
import { infrastructure, isUnknownTopic, isUnwritable, noTopic } from '../log/kafka/faults.js'
import { backoffMs } from '../log/kafka/outage.js'
import { right } from '../log/kafka/rights.js'
import { asDriftlineError, type OutageNotices } from './outage-notices.js'
import type { Letter, Outbox } from './outbox.js'
import type { Registration } from './registration.js'
import type { Sender } from './sender.js'
import { putSchemaId } from './value-writer.js'

/** A broker takes 1 MiB in a batch unless told otherwise. */
const MOST_BYTES = 900_000
/** A new connection after so many attempts in vain. */
const ATTEMPTS_A_CONNECTION = 5

export interface DeliveryOptions {
  readonly topic: string
  readonly headers: IHeaders
  readonly batchSize: number
  readonly lingerMs: number
}

/** Brings one outbox to Kafka in the background: one batch at a time, oldest first, again until it is acknowledged. */
export class Delivery {
  #running: Promise<void> | null = null
  readonly #over = new AbortController()
  /** Ends the lingering over a batch that is full, or that somebody waits for. */
  #hurry: () => void = () => {}
  #flushing = 0
  /** So many of the oldest go one by one, since the broker refused a batch with them. */
  #single = 0
  #waiting: { readonly condition: () => boolean; readonly done: () => void }[] = []

  constructor(
    private readonly outbox: Outbox,
    private readonly sender: Sender,
    private readonly registration: Registration | null,
    private readonly notices: OutageNotices,
    private readonly options: DeliveryOptions,
  ) {}

  /** Something was put into the outbox. */
  wake(): void {
    this.#running ??= this.#run().finally(() => (this.#running = null))
    if (this.outbox.size >= this.options.batchSize) this.#hurry()
  }

  /** Resolves when the condition holds, looked at after every batch, or when delivery is over. */
  until(condition: () => boolean): Promise<void> {
    if (condition() || this.#over.signal.aborted) return Promise.resolve()
    return new Promise(done => this.#waiting.push({ condition, done }))
  }

  /** Sends what is buffered now without lingering. @returns whether all of it is settled in time */
  async flush(timeoutMs: number): Promise<boolean> {
    const { sent, dropped, buffered } = this.outbox.stats
    const all = sent + dropped.refused + buffered
    const settled = () => this.outbox.stats.sent + this.outbox.stats.dropped.refused >= all
    if (settled()) return true
    this.#flushing++
    this.#hurry()
    const timer = new AbortController()
    await Promise.race([this.until(settled), sleep(timeoutMs, null, { signal: timer.signal }).catch(() => {})])
    timer.abort()
    this.#flushing--
    return settled()
  }

  /** Gives up what is left, and counts it. */
  close(): void {
    this.#over.abort()
    this.#hurry()
    this.outbox.drop(this.outbox.size, 'abandoned')
    this.#look()
  }

  async #run(): Promise<void> {
    // The caller is in its scoring path: nothing is sent before it has returned.
    await null
    while (this.outbox.size > 0 && !this.#over.signal.aborted) {
      if (this.outbox.size < this.options.batchSize && this.#flushing === 0) await this.#linger()
      await this.#deliver()
      this.#look()
    }
  }

  #linger(): Promise<void> {
    return new Promise(resolve => {
      const timer = setTimeout(resolve, this.options.lingerMs)
      this.#hurry = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** One batch, until it is acknowledged, refused for good, or all is over. */
  async #deliver(): Promise<void> {
    const letters = this.outbox.oldest(this.#single > 0 ? 1 : this.options.batchSize, MOST_BYTES)
    for (let attempt = 0; !this.#over.signal.aborted; attempt++) {
      try {
        if (!(await this.#send(letters))) return
        if (!this.#over.signal.aborted) this.outbox.sent(letters.length)
        this.#single = Math.max(0, this.#single - letters.length)
        return
      } catch (error) {
        this.notices.began(this.#name, asDriftlineError(`Sending to topic "${this.options.topic}" failed`, error))
        await sleep(backoffMs(attempt), null, { signal: this.#over.signal }).catch(() => {})
        if (attempt % ATTEMPTS_A_CONNECTION === ATTEMPTS_A_CONNECTION - 1) await this.sender.reset()
      }
    }
  }

  /** @returns false when the broker will never take these */
  async #send(letters: readonly Letter[]): Promise<boolean> {
    const { topic, headers } = this.options
    for (const { schema, value } of letters) {
      if (schema === null) continue
      if (schema.id === null) await this.registration?.register(schema)
      putSchemaId(value, schema.id!)
    }
    try {
      await this.sender.send(
        topic,
        letters.map(({ key, value }) => ({ key, value, headers })),
      )
      this.notices.ended(this.#name)
      return true
    } catch (error) {
      const { brokers } = this.sender
      if (isUnknownTopic(error)) throw noTopic(topic, brokers)
      if (!isUnwritable(error))
        throw infrastructure(`Sending to topic "${topic}"`, brokers, error, [right('Write', topic)])
      this.#refused(letters, error)
      return false
    }
  }

  /** Among several the broker's refusal may mean one: they go one by one, and only that one is lost. */
  #refused(letters: readonly Letter[], cause: unknown): void {
    if (letters.length > 1) {
      this.#single = letters.length
      return
    }
    this.#single = Math.max(0, this.#single - 1)
    this.outbox.drop(1, 'refused')
    const [{ key, value }] = letters
    const what = `Kafka will not take the event of request ${key} (${value.length} bytes) for topic "${this.options.topic}"`
    const said = cause instanceof Error ? cause.message : String(cause)
    this.notices.tell(
      new DriftlineError('bad-input', `${what}; it is dropped. Compare max.message.bytes of the topic: ${said}`, {
        cause,
      }),
    )
  }

  get #name(): string {
    return `sending to topic "${this.options.topic}" at ${this.sender.brokers.join(', ')}`
  }

  #look(): void {
    const over = this.#over.signal.aborted
    const waiting = this.#waiting
    this.#waiting = []
    for (const one of waiting) {
      if (over || one.condition()) one.done()
      else this.#waiting.push(one)
    }
  }
}
