import type { SideRows } from '../core/join/side-rows.js'
import type { Marker } from '../core/window/marker.js'
import { headOf } from './internal.js'
import { decodeMarker } from './marker.js'
import { decodeSideRows } from './side-rows.js'

/** A message of driftline.joins. */
export type JoinMessage =
  | { readonly type: 'side-rows'; readonly rows: SideRows }
  | { readonly type: 'marker'; readonly marker: Marker }

/** By its headers, as `decodeInternal`. Null for what cannot be read. */
export function decodeJoinMessage(
  headers: Readonly<Record<string, Uint8Array>>,
  value: Uint8Array | null,
): JoinMessage | null {
  const { type, version } = headOf(headers)
  if (value === null || version === null) return null
  if (type === 'side-rows') {
    const rows = decodeSideRows(value, version)
    return rows && { type, rows }
  }
  const marker = type === 'marker' ? decodeMarker(value, version) : null
  return marker && { type: 'marker', marker }
}
