import type { Baseline, TrainedHistory } from '../core/baseline/baseline.js'
import { ids } from './ids.js'

/** SHA-256 of a baseline's contents, in a fixed order, without what says when and where they were read. */
export function contentHash({ model, modelVersion, rows, features, segments, leakage, scores }: Baseline): string {
  const plain = (name: string, value: unknown): unknown =>
    name === 'history'
      ? extentOf(value as TrainedHistory)
      : value instanceof Map
        ? [...value]
        : ArrayBuffer.isView(value)
          ? Array.from(value as Float64Array)
          : value
  return ids.digest(
    new TextEncoder().encode(JSON.stringify({ model, modelVersion, rows, features, segments, leakage, scores }, plain)),
  )
}

/** Histories are large, and follow from the rows, their times and where windows are cut. */
function extentOf({ past, seasons }: TrainedHistory): unknown {
  return [past.length, past[0]?.start, past.at(-1)?.end, seasons?.clock, seasons?.kind]
}
