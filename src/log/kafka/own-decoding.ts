import kafkajs, { type Cluster, type PartitionAssigner } from 'kafkajs'
import { decodeFetchAnswer, FETCH_VERSION } from './fetch-answer.js'
import type { LogLines } from './logger.js'

/** What kafkajs makes of one request: how it is written, and how the answer is read. */
interface Exchange {
  readonly request: { readonly apiKey: number; readonly apiVersion: number }
  readonly response: { decode(payload: Buffer): Promise<unknown>; parse(data: unknown): unknown }
}

/** The part of kafkajs's broker that is used; its types tell of `fetch` alone. */
interface Fetching {
  fetch(request: unknown): Promise<unknown>
  lookupRequest(apiKey: number, definition: unknown): (request: unknown) => Exchange
}

const FETCH = 1

/**
 * A kafkajs assigner that balances as the default one, and through which, as kafkajs hands it the cluster, fetches are read by our decoder
 * instead of kafkajs's: that one makes some thirty objects a record, which cost more than all else stage 1 does. Where anything of kafkajs
 * is not as expected, or what it fetched is not understood, kafkajs decodes as ever, and the log says so once.
 */
export function ownDecoding(logger: LogLines): PartitionAssigner {
  return config => {
    decodeFetches(config.cluster, logger)
    return kafkajs.PartitionAssigners.roundRobin(config)
  }
}

function decodeFetches(cluster: Cluster, logger: LogLines): void {
  const decoding = new Decoding(logger)
  const known = new WeakSet<object>()
  const findBroker = cluster.findBroker
  cluster.findBroker = async node => {
    const broker = await findBroker.call(cluster, node)
    if (!known.has(broker)) {
      known.add(broker)
      decoding.take(broker as unknown as Fetching)
    }
    return broker
  }
}

class Decoding {
  #told = false

  constructor(private readonly logger: LogLines) {}

  /** Has a broker's fetches read here. */
  take(broker: Fetching): void {
    const { fetch } = broker
    if (typeof fetch !== 'function' || typeof broker.lookupRequest !== 'function') {
      this.#tell('kafkajs has changed')
      return
    }
    // The request goes out as kafkajs writes it, from a broker that differs in one point: how its answer is read.
    const other: Fetching = Object.create(broker, {
      lookupRequest: {
        value: (apiKey: number, definition: unknown) => {
          const make = broker.lookupRequest(apiKey, definition)
          return apiKey === FETCH ? (request: unknown) => this.#replaced(make(request)) : make
        },
      },
    })
    broker.fetch = request => fetch.call(other, request)
  }

  #replaced(exchange: Exchange): Exchange {
    const { request, response } = exchange
    if (request?.apiVersion !== FETCH_VERSION || typeof response?.decode !== 'function') {
      this.#tell(`fetches are of version ${request?.apiVersion}`)
      return exchange
    }
    const decode = async (payload: Buffer) => (await this.#attempt(payload)) ?? response.decode(payload)
    return { ...exchange, response: { ...response, decode } }
  }

  async #attempt(payload: Buffer): Promise<unknown> {
    try {
      const answer = await decodeFetchAnswer(payload)
      if (answer === null) this.#tell('the topic holds messages of before Kafka 0.11')
      return answer
    } catch (error) {
      this.#tell('what was fetched is not understood', error)
      return null
    }
  }

  #tell(why: string, err?: unknown): void {
    if (this.#told) return
    this.#told = true
    this.logger.warn(
      { ...(err === undefined ? {} : { err }) },
      `Kafka's records are decoded by kafkajs, which is slower: ${why}`,
    )
  }
}
