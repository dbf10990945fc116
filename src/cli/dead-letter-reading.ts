import { type DeadLetter, decodeDeadLetter, decodeReplayNote, letterId, type ReplayNote } from '../codec/dead-letter.js'
import { DriftlineError } from '../core/error.js'
import type { Batch, Offsets } from '../core/ports.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'
import { readRecords } from './record-reading.js'
import { parseSince } from './since-option.js'

/** What the options of `list` and `replay` leave of the dead letters. */
export interface LetterOptions {
  readonly topic?: string[]
  readonly cause?: string[]
  readonly since: string
  readonly until: string
}

export interface Letter extends DeadLetter {
  readonly id: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
}

/** Places in source topics: a number each, as there may be millions. */
export class Places {
  readonly #offsets = new Map<string, Set<number>>()

  /** @returns false where it was there already */
  add({ topic, partition, offset }: Pick<DeadLetter, 'topic' | 'partition' | 'offset'>): boolean {
    const key = `${topic}/${partition}`
    const offsets = this.#offsets.get(key) ?? new Set()
    this.#offsets.set(key, offsets)
    return offsets.size !== offsets.add(offset).size
  }

  has({ topic, partition, offset }: Pick<DeadLetter, 'topic' | 'partition' | 'offset'>): boolean {
    return this.#offsets.get(`${topic}/${partition}`)?.has(offset) ?? false
  }
}

export function letterFilter(options: LetterOptions, now = Date.now()): (letter: DeadLetter) => boolean {
  const since = parseSince('--since', options.since, now)
  const until = parseSince('--until', options.until, now)
  if (until <= since)
    throw new DriftlineError('bad-input', `--until ${options.until} is not after --since ${options.since}`)
  const { topic, cause } = options
  return letter => {
    const time = Date.parse(letter.time)
    return (
      time >= since &&
      time < until &&
      (topic === undefined || topic.includes(letter.topic)) &&
      (cause === undefined || cause.includes(letter.cause))
    )
  }
}

export interface LetterReading {
  readonly log: KafkaLog
  /** Topic of the dead letters. */
  readonly topic: string
  readonly signal: AbortSignal
  /** Epoch ms of the first rejection that is asked for. */
  readonly since: number
  readonly ends?: readonly Offsets[]
  readonly onLetter?: (letter: Letter) => void | Promise<void>
  readonly onNote?: (note: ReplayNote) => void
}

/** Reads dead letters and the notes of their replays to the end that the topic has now; each record once, whatever was written twice. */
export async function readLetters(reading: LetterReading): Promise<void> {
  const { log, topic, since, signal, ends, onLetter, onNote } = reading
  const seen = new Places()
  const onRecord = async (batch: Batch, i: number): Promise<void> => {
    const headers = batch.headers(i)
    const note = decodeReplayNote(headers)
    if (note !== null) return onNote?.(note)
    const letter = onLetter && decodeDeadLetter(headers)
    if (!letter || !seen.add(letter)) return
    await onLetter({ ...letter, id: letterId(letter), key: batch.key(i), value: batch.value(i) })
  }
  const start = Number.isFinite(since) ? { time: since } : 'earliest'
  await readRecords(log, { topic, start, follow: false, signal, onRecord, ...(ends && { ends }) })
}
