import { DriftlineError } from '../core/error.js'
import { Delivery } from './delivery.js'
import type { OutageNotices } from './outage-notices.js'
import { type Declined, Outbox, type OutboxStats } from './outbox.js'
import type { FilledOptions } from './producer-options.js'
import { Registration } from './registration.js'
import { isSampled } from './sampling.js'
import type { Sender } from './sender.js'
import { AvroWriter, JsonWriter, type ValueWriter } from './value-writer.js'
import { GivenSchema, GrowingSchema } from './writer-schema.js'

const PRESSED_FROM = 0.75
const RELIEVED_FROM = 0.5

/** One topic's way from the scoring path to Kafka: sample, write, buffer, deliver. */
export class TopicWriter {
  readonly #outbox: Outbox
  readonly #values: ValueWriter
  readonly #delivery: Delivery
  readonly #keyPath: readonly string[]
  readonly #partitionPath: readonly string[]
  #closed = false
  #pressed = false
  /** Of one cause the first is told; all are counted. */
  #toldInvalid = false

  constructor(
    readonly topic: string,
    schema: object | undefined,
    private readonly options: FilledOptions,
    sender: Sender,
    private readonly notices: OutageNotices,
    private readonly onPressure: (pressed: boolean) => void,
  ) {
    const { format, registryUrl, key, partitionBy, sampleRate, batchSize, lingerMs } = options
    this.#keyPath = key.split('.')
    this.#partitionPath = partitionBy.split('.')
    this.#outbox = new Outbox({ events: options.maxBuffered, bytes: options.maxBufferedBytes })
    const choice = () =>
      schema === undefined ? new GrowingSchema(recordName(topic), this.#keyPath.slice(0, 1)) : new GivenSchema(schema)
    this.#values = format === 'json' ? new JsonWriter() : new AvroWriter(choice())
    const registration = format === 'json' ? null : new Registration(registryUrl!, topic)
    const headers = { 'content-type': this.#values.contentType, 'driftline-sample-rate': String(sampleRate) }
    this.#delivery = new Delivery(this.#outbox, sender, registration, notices, { topic, headers, batchSize, lingerMs })
  }

  get stats(): OutboxStats {
    return this.#outbox.stats
  }

  write(event: object): boolean {
    if (this.#closed) return this.#decline('closed', 'the producer is closed')
    let requestId: string
    try {
      requestId = this.#requestId(event)
      // Before anything is written: what is not in the sample shall cost nothing.
      if (!isSampled(requestId, this.options.sampleRate)) {
        this.#outbox.decline('sampledOut')
        return false
      }
      if (!this.#outbox.hasRoom)
        return this.#decline('bufferFull', `${this.#outbox.size} events wait for Kafka already; ${this.#remedy}`)
      const key = Buffer.from(textAt(event, this.#partitionPath) ?? requestId)
      this.#outbox.put({ key, ...this.#values.write(event) })
    } catch (error) {
      if (error instanceof DriftlineError) throw error
      return this.#invalid(error)
    }
    this.#delivery.wake()
    this.#press()
    return true
  }

  async writeAsync(event: object): Promise<boolean> {
    while (!this.#closed && !this.#outbox.hasRoom) await this.#delivery.until(() => this.#outbox.hasRoom)
    return this.write(event)
  }

  drained(): Promise<void> {
    return this.#delivery.until(() => this.#outbox.pressure <= RELIEVED_FROM)
  }

  flush(timeoutMs: number): Promise<boolean> {
    return this.#delivery.flush(timeoutMs)
  }

  /** Takes nothing more. */
  end(): void {
    this.#closed = true
  }

  /** Gives up what is still buffered. */
  abandon(): void {
    const { size } = this.#outbox
    this.#delivery.close()
    if (size === 0) return
    const told = `${size} events for topic "${this.topic}" were not acknowledged when the producer was closed, and are lost`
    this.notices.tell(
      new DriftlineError('infrastructure', `${told}: ${this.notices.current ?? 'closing had too little time'}`),
    )
  }

  #requestId(event: object): string {
    if (typeof event !== 'object' || event === null) throw new Error('an event is an object')
    const id = textAt(event, this.#keyPath)
    if (id === null)
      throw new Error(`field "${this.#keyPath.join('.')}", the request id, is missing (option key names it)`)
    return id
  }

  #invalid(error: unknown): boolean {
    const why = error instanceof Error ? error.message : String(error)
    if (!this.#toldInvalid && this.options.mode === 'observe') {
      this.#toldInvalid = true
      const more = 'Further ones are only counted (stats().declined.invalid).'
      this.notices.tell(
        new DriftlineError('bad-input', `An event for topic "${this.topic}" cannot be written: ${why}. ${more}`),
      )
    }
    return this.#decline('invalid', why)
  }

  #decline(cause: Declined, why: string): false {
    this.#outbox.decline(cause)
    if (this.options.mode === 'observe') return false
    throw new DriftlineError(
      cause === 'bufferFull' ? 'infrastructure' : 'bad-input',
      `An event for topic "${this.topic}" is not taken: ${why}`,
    )
  }

  get #remedy(): string {
    const { current } = this.notices
    return current === null
      ? 'send less at once, raise maxBuffered, or await drain()'
      : `${current} does not work at present`
  }

  #press(): void {
    if (this.#pressed || this.#outbox.pressure < PRESSED_FROM) return
    this.#pressed = true
    this.#tellPressure(true)
    void this.drained().then(() => {
      this.#pressed = false
      this.#tellPressure(false)
    })
  }

  #tellPressure(pressed: boolean): void {
    try {
      this.onPressure(pressed)
    } catch {
      // The caller's fault shall not reach its scoring path by way of us.
    }
  }
}

/** Text and numbers; null for what is no id. */
function textAt(event: object, path: readonly string[]): string | null {
  let value: unknown = event
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name]
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  return typeof value === 'string' && value !== '' ? value : null
}

function recordName(topic: string): string {
  return topic.replaceAll(/\W/g, '_').replace(/^(?=\d)/, '_')
}
