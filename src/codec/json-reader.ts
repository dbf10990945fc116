import { isUtf8 } from 'node:buffer'
import { NOT_SELECTED, type READ } from '../core/ports.js'
import type { Rejection } from '../core/rejection.js'
import type { Row } from '../core/row.js'
import { type Mapping, News, type Target } from './mapping.js'
import type { Sink } from './sink.js'
import { VectorSink } from './source-sinks.js'

/** Integers from here on may be rounded 64-bit integers; from 2^64 on they can only be doubles. */
const UNSAFE_FROM = 2 ** 53
const UNSAFE_TO = 2 ** 64

/** Reads JSON objects into the same rows, by the same mapping. */
export class JsonReader {
  constructor(private readonly mapping: Mapping) {}

  /** @param event what `parseEvent` made of the bytes */
  read(event: unknown, row: Row): typeof READ | typeof NOT_SELECTED | Rejection {
    if (typeof event !== 'object' || event === null || Array.isArray(event)) return 'not-json'
    const { reading, spill, layout } = this.mapping
    row.fit()
    row.flags.fill(0)
    reading.begin(row)
    spill.begin(row)
    for (const [path, sink] of this.mapping.conditions) {
      this.#put(valueAt(event, path), sink, row)
      if (reading.mismatch) return NOT_SELECTED
    }
    this.#object(event as Record<string, unknown>, this.mapping.root, row)
    if (row.flags.length < layout.slots.length) row.fit()
    return reading.end(row, false)
  }

  #object(object: Record<string, unknown>, target: Target, row: Row): void {
    for (const [name, child] of target.children) {
      const value = Object.hasOwn(object, name) ? object[name] : undefined
      if (value === undefined) continue
      for (const sink of child.sinks) this.#put(value, sink, row)
      if (typeof value === 'object' && value !== null && !Array.isArray(value))
        this.#object(value as Record<string, unknown>, child, row)
    }
    if (target.patterns.length === 0) return
    const { layout } = this.mapping
    for (const name of Object.keys(object)) {
      const value = object[name]
      const nested = typeof value === 'object' && value !== null && layout.indexOf(name) < 0
      if (nested && !(layout.discover && looksLikeVector(value))) continue
      const feature = target.feature(name, this.mapping, nested ? 'embedding' : 'auto')
      if (feature instanceof News) feature.tell(row)
      else if (feature !== null) {
        if (feature.slot >= row.flags.length) row.fit()
        this.#put(value, feature, row)
      }
    }
  }

  #put(value: unknown, sink: Sink, row: Row): void {
    if (value === undefined) return
    if (value === null) {
      sink.none(row)
      return
    }
    if (typeof value === 'number') {
      const size = Math.abs(value)
      if (size >= UNSAFE_FROM && size < UNSAFE_TO && Number.isInteger(value)) sink.unsafe(row, value, null)
      else sink.number(row, value)
    } else if (typeof value === 'boolean') sink.boolean(row, value)
    else if (typeof value === 'string') {
      const { spill } = this.mapping
      spill.add(row, value)
      sink.text(row, spill.from, spill.length)
    } else if (Array.isArray(value) && sink instanceof VectorSink) this.#vector(value, sink, row)
    else sink.wrong(row)
  }

  #vector(values: readonly unknown[], sink: VectorSink, row: Row): void {
    sink.begin(row)
    for (let i = 0; i < values.length; i++) this.#put(values[i], sink.items, row)
    sink.end(row)
  }
}

/** Arrays of so many numbers with a fraction among them are vectors where nobody says; shorter ones may be anything. */
const LEAST_VECTOR = 8

function looksLikeVector(value: unknown): boolean {
  if (!Array.isArray(value) || value.length < LEAST_VECTOR) return false
  return value.every(x => typeof x === 'number') && value.some(x => !Number.isInteger(x))
}

function valueAt(event: unknown, path: readonly string[]): unknown {
  let value = event
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Record<string, unknown>)[name]
  }
  return value
}

/** The JSON value in the bytes; undefined where there is none. The bare NaN and Infinity of Python's `json` are taken for what they mean. */
export function parseEvent(bytes: Uint8Array): unknown {
  if (!isUtf8(bytes)) return undefined
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()
    return parse(text) ?? parse(text.replace(BARE, written), revived)
  } catch {
    return undefined
  }
}

function parse(text: string, reviver?: (name: string, value: unknown) => unknown): unknown {
  try {
    return JSON.parse(text, reviver)
  } catch (error) {
    if (reviver === undefined && /NaN|Infinity/.test(text)) return undefined
    throw error
  }
}

/** A string, which is left alone, or one of the words that JSON does not have. */
const BARE = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g
const NAN_WRITTEN = '{"NaN":"\\u0000"}'

function written(token: string): string {
  if (token.startsWith('"')) return token
  return token === 'NaN' ? NAN_WRITTEN : token === 'Infinity' ? '1e999' : '-1e999'
}

function revived(_name: string, value: unknown): unknown {
  const isNan = typeof value === 'object' && value !== null && 'NaN' in value && value.NaN === '\u0000'
  return isNan ? Number.NaN : value
}
