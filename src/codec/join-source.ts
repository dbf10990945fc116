import type { Counts } from '../core/window/marker.js'
import type { SourceState } from '../core/window/sources.js'

/** A source partition as states of the join keep it: what a stage 1 would need to rebuild its parts is of no use there. */
export type SourceRecord = Omit<SourceState, 'counts' | 'oldest' | 'roundStart' | 'open'> & Counts

export function sourceRecord({ counts, oldest: _, roundStart: __, open: ___, ...source }: SourceState): SourceRecord {
  return { ...source, ...counts }
}

export function sourceState(record: SourceRecord): SourceState {
  const { topic, partition, partitions, nextOffset, watermark, idle, ...counts } = record
  return { topic, partition, partitions, nextOffset, watermark, idle, counts, oldest: -1, roundStart: 0, open: 0 }
}
