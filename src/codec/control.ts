import avsc from 'avsc'
import type { Activation } from '../core/baseline/baseline.js'
import type { OutgoingRecord } from '../core/ports.js'
import { readSchema } from './schema-file.js'

/** A monitor version as the instances agreed on it. */
export interface MonitorVersion {
  readonly model: string
  readonly version: string
  /** First pane it counts; null: from the beginning. */
  readonly from: number | null
  /** The monitor file's text; null: the model is watched no more. */
  readonly definition: string | null
  readonly at: number
}

export type Control = { readonly activation: Activation } | { readonly monitor: MonitorVersion }

const type = avsc.Type.forSchema(readSchema('control.avsc') as avsc.Schema)

/** The record for driftline.control. Its key is unique, so that compaction keeps every word ever given. */
export function encodeControl(control: Control): OutgoingRecord {
  const word = 'activation' in control ? control.activation : control.monitor
  const name =
    'activation' in control
      ? `activation/${word.model}/${control.activation.modelVersion ?? '*'}`
      : `monitor/${word.model}`
  return { key: `${name}/${word.at}`, value: type.toBuffer({ activation: null, monitor: null, ...control }) }
}

/** Null for what cannot be read. */
export function decodeControl(value: Uint8Array | null): Control | null {
  if (value === null) return null
  try {
    const record = type.fromBuffer(Buffer.from(value.buffer, value.byteOffset, value.length)) as {
      activation: Activation | null
      monitor: MonitorVersion | null
    }
    if (record.activation !== null) return { activation: { ...record.activation } }
    return record.monitor === null ? null : { monitor: { ...record.monitor } }
  } catch {
    return null
  }
}
