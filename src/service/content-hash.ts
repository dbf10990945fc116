import type { Baseline } from '../core/baseline/baseline.js'
import { ids } from './ids.js'

/** SHA-256 of a baseline's contents, in a fixed order, without what says when and where they were read. */
export function contentHash({ model, modelVersion, rows, features, segments, leakage }: Baseline): string {
  const plain = (_: string, value: unknown): unknown =>
    value instanceof Map ? [...value] : ArrayBuffer.isView(value) ? Array.from(value as Float64Array) : value
  return ids.digest(
    new TextEncoder().encode(JSON.stringify({ model, modelVersion, rows, features, segments, leakage }, plain)),
  )
}
