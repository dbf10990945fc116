import type { FetchedRecords } from './fetched-records.js'
import { type Aborted, areRecordBatches, decodeRecordBatches } from './record-batches.js'

/** Version of Kafka's fetch API that is read here: the newest that kafkajs asks for, spoken by brokers from 2.3 on. */
export const FETCH_VERSION = 11

/** What kafkajs takes for the one message of a batch: all that was fetched of a partition. */
export class Fetched {
  readonly key = null
  readonly value = null
  readonly timestamp = '0'
  readonly attributes = 0
  readonly headers = {}
  readonly isControlRecord = false
  /** Offset of the last thing fetched. */
  readonly offset: string

  constructor(readonly records: FetchedRecords) {
    this.offset = String(records.nextOffset - 1)
  }
}

interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: string
  readonly lastStableOffset: string
  readonly lastStartOffset: string
  /** Empty: they are left out here. */
  readonly abortedTransactions: readonly never[]
  readonly preferredReadReplica: number
  readonly messages: readonly Fetched[]
}

/** As kafkajs's own decoder gives it, but for the messages. */
export interface FetchAnswer {
  readonly throttleTime: 0
  readonly clientSideThrottleTime: number
  readonly errorCode: number
  readonly sessionId: number
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly FetchedPartition[] }[]
}

/**
 * A broker's answer to a fetch. https://kafka.apache.org/protocol#The_Messages_Fetch
 * @returns null where it holds messages of before Kafka 0.11, which kafkajs shall read
 */
export async function decodeFetchAnswer(payload: Buffer): Promise<FetchAnswer | null> {
  const reader = new AnswerReader(payload)
  const clientSideThrottleTime = reader.int32()
  const errorCode = reader.int16()
  const sessionId = reader.int32()
  const responses: { topicName: string; partitions: FetchedPartition[] }[] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text()
    const partitions: FetchedPartition[] = []
    for (let count = reader.int32(); count > 0; count--) {
      const partition = await decodePartition(reader)
      if (partition === null) return null
      partitions.push(partition)
    }
    responses.push({ topicName, partitions })
  }
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
}

async function decodePartition(reader: AnswerReader): Promise<FetchedPartition | null> {
  const partition = reader.int32()
  const errorCode = reader.int16()
  const highWatermark = String(reader.int64())
  const lastStableOffset = String(reader.int64())
  const lastStartOffset = String(reader.int64())
  const aborted: Aborted[] = []
  for (let count = reader.int32(); count > 0; count--)
    aborted.push({ producer: reader.int64(), from: Number(reader.int64()) })
  const preferredReadReplica = reader.int32()
  const bytes = reader.bytes()
  if (!areRecordBatches(bytes)) return null
  const records = await decodeRecordBatches(bytes, aborted)
  const messages = records === null ? [] : [new Fetched(records)]
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions: [],
    preferredReadReplica,
    messages,
  }
}

class AnswerReader {
  #at = 0
  constructor(private readonly payload: Buffer) {}

  int16(): number {
    this.#at += 2
    return this.payload.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.payload.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.payload.readBigInt64BE(this.#at - 8)
  }

  text(): string {
    const length = this.int16()
    return this.payload.toString('utf8', this.#at, (this.#at += length))
  }

  /** Null counts as none. */
  bytes(): Buffer {
    const length = Math.max(0, this.int32())
    return this.payload.subarray(this.#at, (this.#at += length))
  }
}
