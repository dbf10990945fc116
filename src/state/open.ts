import type { StateStore } from '../core/ports.js'
import { LmdbStore } from './lmdb.js'
import { RedisStore } from './redis.js'

/** A place for checkpoints: a folder, an address, or none. */
export type Place =
  | { readonly kind: 'lmdb'; readonly folder: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'none' }

/** Throws `infrastructure` where a folder cannot be used; a server that does not answer is tried again and again. */
export async function openStore(place: Place): Promise<StateStore | null> {
  if (place.kind === 'lmdb') return LmdbStore.open(place.folder)
  return place.kind === 'redis' ? RedisStore.open(place.url) : null
}
