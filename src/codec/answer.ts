import type { Answer } from '../core/alert/answer.js'
import type { OutgoingRecord } from '../core/ports.js'
import { plain } from './plain.js'
import { RecordType } from './record-type.js'

const ANSWER = new RecordType<Answer>(['answer.avsc'])

/** The message for every panes partition, which orders it among parts and markers. */
export function encodeAnswer(answer: Answer): OutgoingRecord & { readonly value: Uint8Array } {
  const headers = { type: 'answer', 'schema-version': String(ANSWER.version) }
  return { key: answer.model, value: ANSWER.encode(answer), headers }
}

export function decodeAnswer(bytes: Uint8Array, version: number): Answer | null {
  return plain(ANSWER.decode(bytes, version))
}
