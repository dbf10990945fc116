import { createHash } from 'node:crypto'
import type { Ids } from '../core/ports.js'

/** Ids by SHA-256. Parts are length-prefixed, so that no two lists of parts give the same bytes. */
export const ids: Ids = {
  hash(...parts) {
    let text = ''
    for (const part of parts) {
      const one = String(part)
      text += `${one.length}:${one}`
    }
    return createHash('sha256').update(text).digest('hex').slice(0, 32)
  },
  digest: bytes => createHash('sha256').update(bytes).digest('hex'),
}
