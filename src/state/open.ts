import { join } from 'node:path'
import type { KeyedStore, StateStore } from '../core/ports.js'
import { LmdbKeyed } from './keyed-lmdb.js'
import { RedisKeyed } from './keyed-redis.js'
import { LmdbStore } from './lmdb.js'
import { RedisStore } from './redis.js'

/** A place for checkpoints, and for the keys that wait to be joined: a folder, an address, or none. */
export type Place =
  | { readonly kind: 'lmdb'; readonly folder: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'none' }

/** Throws `infrastructure` where a folder cannot be used; a server that does not answer is tried again and again. */
export async function openStore(place: Place): Promise<StateStore | null> {
  if (place.kind === 'lmdb') return LmdbStore.open(place.folder)
  return place.kind === 'redis' ? RedisStore.open(place.url) : null
}

/** As `openStore`, for the join: in a folder of its own within the other. */
export async function openKeyed(place: Place): Promise<KeyedStore | null> {
  if (place.kind === 'lmdb') return LmdbKeyed.open(join(place.folder, 'joins'))
  return place.kind === 'redis' ? RedisKeyed.open(place.url) : null
}
