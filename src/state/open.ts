import { join } from 'node:path'
import type { KeyedStore, StateStore } from '../core/ports.js'

/** A place for checkpoints, and for the keys that wait to be joined: a folder, an address, or none. */
export type Place =
  | { readonly kind: 'lmdb'; readonly folder: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'none' }

/** What the place is not made of is not loaded. Throws `infrastructure` where a folder cannot be used; a server that does not answer is tried again and again. */
export async function openStore(place: Place): Promise<StateStore | null> {
  if (place.kind === 'lmdb') return (await import('./lmdb.js')).LmdbStore.open(place.folder)
  return place.kind === 'redis' ? (await import('./redis.js')).RedisStore.open(place.url) : null
}

/** As `openStore`, for the join: in a folder of its own within the other. */
export async function openKeyed(place: Place): Promise<KeyedStore | null> {
  if (place.kind === 'lmdb') return (await import('./keyed-lmdb.js')).LmdbKeyed.open(join(place.folder, 'joins'))
  return place.kind === 'redis' ? (await import('./keyed-redis.js')).RedisKeyed.open(place.url) : null
}
