import { hash } from 'node:crypto'
import type { Ids } from '../core/ports.js'

/** Ids by SHA-256. Parts are length-prefixed, so that no two lists of parts give the same bytes. */
export const ids: Ids = {
  hash(...parts) {
    let text = ''
    for (const part of parts) {
      const one = String(part)
      text += `${one.length}:${one}`
    }
    return hash('sha256', text).slice(0, 32)
  },
  digest: bytes => hash('sha256', bytes),
}
