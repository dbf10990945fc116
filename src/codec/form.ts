import type { BaselineFacts, CusumFacts, Evidence, WindowFacts } from '../core/alert/event.js'
import { isoText } from './iso-time.js'
import { utf8Bytes } from './utf8-bytes.js'

/**
 * How one format writes what the core has as epoch milliseconds and as names, or how it is read back. An event has the same fields in every
 * format, so one walk over it serves both ways.
 */
export interface Form {
  time(time: unknown): unknown
  symbol(name: string): string
}

/** JSON: ISO times. */
export const TO_JSON: Form = { time: time => isoText(time as number), symbol: name => name }
export const FROM_JSON: Form = { time: time => Date.parse(time as string), symbol: name => name }
/** Avro: names without hyphens; times are milliseconds already. */
export const TO_AVRO: Form = { time: time => time, symbol: name => name.replaceAll('-', '_') }
export const FROM_AVRO: Form = { time: time => time, symbol: name => name.replaceAll('_', '-') }

export function castWindow(window: WindowFacts, form: Form): object {
  const { start, end, partitions } = window
  return { ...window, start: form.time(start), end: form.time(end), partitions: { ...partitions } }
}

export function castEvidence(evidence: Evidence, form: Form): object {
  const outcome = form.symbol(evidence.outcome)
  return outcome === evidence.outcome ? evidence : { ...evidence, outcome }
}

export function castCusum(cusum: CusumFacts | null, form: Form): object | null {
  return cusum && { ...cusum, since: form.time(cusum.since), through: form.time(cusum.through) }
}

export function castBaseline(baseline: BaselineFacts, form: Form): object {
  return { ...baseline, activeFrom: baseline.activeFrom === null ? null : form.time(baseline.activeFrom) }
}

/** JSON has no numbers that are not finite: the largest there is for ±∞, null for NaN. */
export function jsonBytes(record: object): Buffer {
  return utf8Bytes(jsonText(record))
}

export function jsonText(value: object): string {
  // A function called for every value costs several times what writing it does: only where it has work.
  return hasInfinite(value) ? JSON.stringify(value, finite) : JSON.stringify(value)
}

function finite(_name: string, value: unknown): unknown {
  return typeof value === 'number' && isInfinite(value) ? Math.sign(value) * Number.MAX_VALUE : value
}

function hasInfinite(value: unknown): boolean {
  if (typeof value === 'number') return isInfinite(value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) if (hasInfinite(value[i])) return true
    return false
  }
  for (const name in value) if (hasInfinite((value as Record<string, unknown>)[name])) return true
  return false
}

const isInfinite = (x: number): boolean => x === Number.POSITIVE_INFINITY || x === Number.NEGATIVE_INFINITY
