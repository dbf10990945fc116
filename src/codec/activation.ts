import type { Activation } from '../core/baseline/baseline.js'
import type { OutgoingRecord } from '../core/ports.js'
import { RecordType } from './record-type.js'

export const ACTIVATION = new RecordType<Activation>(['activation.avsc'])

/** The message for every panes partition, which orders it among parts and markers. */
export function encodeActivation(activation: Activation): OutgoingRecord & { readonly value: Uint8Array } {
  const headers = { type: 'activation', 'schema-version': String(ACTIVATION.version) }
  return { key: activation.model, value: ACTIVATION.encode(activation), headers }
}

export function decodeActivation(bytes: Uint8Array, version: number): Activation | null {
  const record = ACTIVATION.decode(bytes, version)
  return record && { ...record }
}
