import type { Message, Producer } from 'kafkajs'
import type { Connection } from '../log/kafka/connection.js'
import { openProducer } from '../log/kafka/open-producer.js'

/** Appends to topics in one try of kafkajs (some seconds); whoever calls decides what comes after a failure. */
export class Sender {
  #producer: Promise<Producer> | null = null

  constructor(private readonly connection: Connection) {}

  get brokers(): readonly string[] {
    return this.connection.brokers
  }

  /** Resolves when all replicas in sync have them. */
  async send(topic: string, messages: Message[]): Promise<void> {
    const producer = await (this.#producer ??= this.#open())
    await producer.send({ topic, messages, acks: -1 })
  }

  /** kafkajs may hold on to a broker that is gone: the next send opens anew. */
  async reset(): Promise<void> {
    const producer = this.#producer
    this.#producer = null
    await producer?.then(one => one.disconnect()).catch(() => {})
  }

  async #open(): Promise<Producer> {
    try {
      return await openProducer(this.connection.kafka)
    } catch (error) {
      this.#producer = null
      throw error
    }
  }
}
