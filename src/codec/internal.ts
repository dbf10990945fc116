import type { Answer } from '../core/alert/answer.js'
import type { Activation } from '../core/baseline/baseline.js'
import type { Marker } from '../core/window/marker.js'
import { decodeActivation } from './activation.js'
import { decodeAnswer } from './answer.js'
import { decodeJoinedPart, type JoinedChunk } from './joined-part.js'
import { decodeMarker } from './marker.js'
import { decodePairPart, type PairChunk } from './pair-part.js'
import { decodePart, type PartChunk } from './part.js'

/** A message of driftline.panes. */
export type Internal =
  | { readonly type: 'part'; readonly chunk: PartChunk }
  | { readonly type: 'joined-part'; readonly chunk: JoinedChunk }
  | { readonly type: 'pair-part'; readonly chunk: PairChunk }
  | { readonly type: 'marker'; readonly marker: Marker }
  | { readonly type: 'activation'; readonly activation: Activation }
  | { readonly type: 'answer'; readonly answer: Answer }

/** By its headers `type` and `schema-version`. Null for what cannot be read, which is no reason to stand still. */
export function decodeInternal(
  headers: Readonly<Record<string, Uint8Array>>,
  value: Uint8Array | null,
): Internal | null {
  const { type, version } = headOf(headers)
  if (value === null || version === null) return null
  switch (type) {
    case 'part': {
      const chunk = decodePart(value, version)
      return chunk && { type: 'part', chunk }
    }
    case 'joined-part': {
      const chunk = decodeJoinedPart(value, version)
      return chunk && { type: 'joined-part', chunk }
    }
    case 'pair-part': {
      const chunk = decodePairPart(value, version)
      return chunk && { type: 'pair-part', chunk }
    }
    case 'marker': {
      const marker = decodeMarker(value, version)
      return marker && { type: 'marker', marker }
    }
    case 'activation': {
      const activation = decodeActivation(value, version)
      return activation && { type: 'activation', activation }
    }
    case 'answer': {
      const answer = decodeAnswer(value, version)
      return answer && { type: 'answer', answer }
    }
    default:
      return null
  }
}

/** Which kind of message it is, and of which version of its schema; null where the headers do not tell. */
export function headOf(headers: Readonly<Record<string, Uint8Array>>): {
  readonly type: string
  readonly version: number | null
} {
  const version = Number(text(headers['schema-version']))
  return { type: text(headers['type']), version: Number.isInteger(version) ? version : null }
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString()
}
