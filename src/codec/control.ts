import type { Answer } from '../core/alert/answer.js'
import type { Activation } from '../core/baseline/baseline.js'
import type { OutgoingRecord } from '../core/ports.js'
import { plain } from './plain.js'
import { RecordType } from './record-type.js'

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

/** A model whose data was removed: the words about it before this one are void. */
export interface Forgotten {
  readonly model: string
  readonly by: string
  readonly note: string | null
  readonly at: number
}

export type Control =
  | { readonly activation: Activation }
  | { readonly monitor: MonitorVersion }
  | { readonly answer: Answer }
  | { readonly forgotten: Forgotten }

interface ControlRecord {
  readonly activation: Activation | null
  readonly monitor: MonitorVersion | null
  readonly answer: Answer | null
  readonly forgotten: Forgotten | null
}

const CONTROL = new RecordType<ControlRecord>(
  ['history/control-1.avsc', 'history/control-2.avsc', 'control.avsc'],
  ['answer.avsc'],
)

/** The record for driftline.control. Its key is unique, so that compaction keeps every word ever given. */
export function encodeControl(control: Control): OutgoingRecord & { readonly value: Uint8Array } {
  return {
    key: keyOf(control),
    value: CONTROL.encode({ activation: null, monitor: null, answer: null, forgotten: null, ...control }),
    headers: { 'schema-version': String(CONTROL.version) },
  }
}

/** Removes a word from the topic. */
export function withdraw(control: Control): OutgoingRecord {
  return { key: keyOf(control), value: null }
}

/** The model that a word is about. */
export function modelOf(control: Control): string {
  if ('answer' in control) return control.answer.model
  if ('monitor' in control) return control.monitor.model
  if ('forgotten' in control) return control.forgotten.model
  return control.activation.model
}

function keyOf(control: Control): string {
  if ('answer' in control) return `answer/${control.answer.model}/${control.answer.id}`
  if ('monitor' in control) return `monitor/${control.monitor.model}/${control.monitor.at}`
  if ('forgotten' in control) return `forgotten/${control.forgotten.model}/${control.forgotten.at}`
  const { model, modelVersion, at } = control.activation
  return `activation/${model}/${modelVersion ?? '*'}/${at}`
}

/** Null for what cannot be read. The first version was written without a header that says so. */
export function decodeControl(headers: Readonly<Record<string, Uint8Array>>, value: Uint8Array | null): Control | null {
  if (value === null) return null
  const version = headers['schema-version']
  const record = plain(CONTROL.decode(value, version === undefined ? 1 : Number(Buffer.from(version).toString())))
  if (record === null) return null
  const { activation, monitor, answer, forgotten } = record
  if (activation !== null) return { activation }
  if (monitor !== null) return { monitor }
  if (forgotten !== null) return { forgotten }
  return answer === null ? null : { answer }
}
