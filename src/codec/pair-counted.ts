import type { PairJoin } from '../core/join/side-rows.js'
import { PARITY_COUNTED } from './parity-counts.js'

/** How what an accumulator of pairs has counted is written: one byte, the schema version; then the record. */
export interface CountedCodec<S = unknown> {
  encode(counted: S): Uint8Array
  /** Null for what another version has written that this one cannot read. */
  decode(bytes: Uint8Array): S | null
}

const CODECS: Readonly<Record<PairJoin, CountedCodec>> = { offline: PARITY_COUNTED as CountedCodec }

export function encodeCounted(join: PairJoin, counted: unknown): Uint8Array {
  return CODECS[join].encode(counted)
}

export function decodeCounted(join: PairJoin, bytes: Uint8Array): unknown {
  return CODECS[join]?.decode(bytes) ?? null
}
