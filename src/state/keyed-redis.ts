import { Cluster } from 'ioredis'
import type { KeyedChange, KeyedEntry, KeyedHead, KeyedStore } from '../core/ports.js'
import { onlyClears } from './keyed-memory.js'
import { RedisConnection } from './redis-connection.js'

/** What nobody has touched for so long belongs to no task any more: longer than any horizon. */
const KEPT_S = 400 * 24 * 3600
/** Keys of a record that says what lies on a shelf: as many as are removed in one step. */
const KEYS_TO_A_RECORD = 500
/** Keys that are asked for in one step. */
const KEYS_TO_A_READ = 4000
/** Steps of removing that follow a write with entries; what is left follows the next. */
const STEPS_TO_A_WRITE = 400

/** Null where another state is kept; else the entries. ARGV: began, offset, prefix, then bucket and field of each key. */
const READ = `
local head = redis.call('HMGET', KEYS[1], 'began', 'offset')
if head[1] ~= ARGV[1] or head[2] ~= ARGV[2] then return false end
local found = {}
for i = 4, #ARGV, 2 do found[#found + 1] = redis.call('HGET', ARGV[3] .. 'e:' .. ARGV[i], ARGV[i + 1]) end
return found`

/**
 * ARGV: began, offset, state, prefix, seconds to keep, number of puts, of shelf records, and of cleared shelves; then bucket, field and value of each put,
 * shelf and keys of each record, and the cleared shelves.
 */
const WRITE = `
local head = redis.call('HMGET', KEYS[1], 'began', 'offset')
if head[1] then
  local known, began, ahead = tonumber(head[1]), tonumber(ARGV[1]), tonumber(head[2]) - tonumber(ARGV[2])
  local puts, cleared = tonumber(ARGV[6]), tonumber(ARGV[8])
  if known > began then return 0 end
  if known == began and (ahead > 0 or (ahead == 0 and (puts > 0 or cleared == 0))) then return 0 end
end
local prefix, kept = ARGV[4], ARGV[5]
redis.call('HSET', KEYS[1], 'began', ARGV[1], 'offset', ARGV[2], 'state', ARGV[3])
redis.call('EXPIRE', KEYS[1], kept)
local at = 9
for _ = 1, ARGV[6] do
  local bucket = prefix .. 'e:' .. ARGV[at]
  redis.call('HSET', bucket, ARGV[at + 1], ARGV[at + 2])
  redis.call('EXPIRE', bucket, kept)
  at = at + 3
end
for _ = 1, ARGV[7] do
  local shelf = prefix .. 's:' .. ARGV[at]
  redis.call('RPUSH', shelf, ARGV[at + 1])
  redis.call('EXPIRE', shelf, kept)
  at = at + 2
end
for _ = 1, ARGV[8] do
  redis.call('SADD', prefix .. 'cleared', ARGV[at])
  at = at + 1
end
if head[1] and head[1] ~= ARGV[1] then return 2 end
return 1`

/** Removes the entries of one record of a cleared shelf; 0 when there was none left. ARGV: prefix, shelf, shelf as in an entry. */
const CLEAR = `
local keys = redis.call('LPOP', ARGV[1] .. 's:' .. ARGV[2])
if not keys then
  redis.call('SREM', ARGV[1] .. 'cleared', ARGV[2])
  return 0
end
for i = 1, #keys, 8 do
  local bucket = string.format('%se:%02x%02x', ARGV[1], keys:byte(i), keys:byte(i + 1))
  local field = keys:sub(i + 2, i + 7)
  local entry = redis.call('HGET', bucket, field)
  if entry and entry:sub(1, 4) == ARGV[3] then redis.call('HDEL', bucket, field) end
end
return 1`

/**
 * Entries of the join in Redis, shared by all instances. 65,536 hashes a task, by the first two bytes of the key, each small enough that Redis
 * keeps it as one piece of memory. All that is kept of a task lies in one slot of a cluster. What lies on a shelf is removed in small steps after
 * the write that cleared it, so that Redis does not stand still for it.
 */
export class RedisKeyed implements KeyedStore {
  private constructor(private readonly connection: RedisConnection) {}

  /** @param url see `RedisConnection.open` */
  static async open(url: string): Promise<RedisKeyed> {
    return new RedisKeyed(await RedisConnection.open(url, 'pending keys'))
  }

  get place(): string {
    return this.connection.place
  }

  async load(task: string): Promise<KeyedHead | null> {
    const [began, offset, state] = await this.connection.asked(client =>
      client.hmgetBuffer(headOf(task), 'began', 'offset', 'state'),
    )
    return began && offset && state ? { began: Number(began), nextOffset: Number(offset), state } : null
  }

  async read(
    task: string,
    { began, nextOffset }: Pick<KeyedHead, 'began' | 'nextOffset'>,
    keys: Uint32Array,
  ): Promise<(KeyedEntry | null)[] | null> {
    const all = bytesOf(keys)
    const found: (KeyedEntry | null)[] = []
    // At least one step, so that the state is looked at.
    for (let from = 0; from === 0 || from < all.length; from += 8 * KEYS_TO_A_READ) {
      const fields: (string | Buffer)[] = []
      for (let at = from; at < Math.min(all.length, from + 8 * KEYS_TO_A_READ); at += 8)
        fields.push(bucketOf(all, at), all.subarray(at + 2, at + 8))
      const args = [READ, 1, headOf(task), began, nextOffset, prefixOf(task, began), ...fields]
      const some = (await this.connection.asked(client => client.callBuffer('EVAL', args))) as (Buffer | null)[] | null
      if (some === null) return null
      for (const one of some) found.push(one && { shelf: one.readUInt32BE(0), bytes: one.subarray(4) })
    }
    return found
  }

  async write(task: string, change: KeyedChange): Promise<boolean> {
    const { began, nextOffset, state, entries, cleared } = change
    const prefix = prefixOf(task, began)
    const keys = bytesOf(change.keys)
    const puts = entries.flatMap(({ shelf, bytes }, i) => [
      bucketOf(keys, 8 * i),
      keys.subarray(8 * i + 2, 8 * i + 8),
      Buffer.concat([word(shelf), bytes]),
    ])
    const records = shelfRecords(keys, entries)
    const counts = [entries.length, records.length, cleared.length]
    const head = [WRITE, 1, headOf(task), began, nextOffset, Buffer.from(state), prefix, KEPT_S, ...counts]
    // As a list: a call does not take hundreds of thousands of arguments.
    const answer = await this.connection.asked(client =>
      client.call('EVAL', [...head, ...puts, ...records.flat(), ...cleared]),
    )
    if (answer === 2) await this.#forget(task, prefix)
    // What only clears may have no other write after it.
    if (answer !== 0) await this.#clear(task, prefix, onlyClears(change) ? Number.POSITIVE_INFINITY : STEPS_TO_A_WRITE)
    return answer !== 0
  }

  /** Nothing is held here. */
  release(): void {}

  async close(): Promise<void> {
    this.connection.close()
  }

  async #clear(task: string, prefix: string, most: number): Promise<void> {
    await this.connection.asked(async client => {
      let steps = most
      for (const shelf of await client.smembers(`${prefix}cleared`))
        while (steps-- > 0 && (await client.eval(CLEAR, 1, headOf(task), prefix, shelf, word(Number(shelf)))) === 1);
    })
  }

  /** Removes what other beginnings than the one with this prefix have left. */
  async #forget(task: string, prefix: string): Promise<void> {
    await this.connection.asked(async client => {
      const of = `${headOf(task)}:`.replace(/[\\*?[\]]/g, '\\$&')
      for (const node of client instanceof Cluster ? client.nodes('master') : [client])
        for await (const keys of node.scanStream({ match: `${of}*`, count: 1000 })) {
          const left = (keys as string[]).filter(key => !key.startsWith(prefix))
          if (left.length > 0) await client.unlink(...left)
        }
    })
  }
}

/** Keys of each shelf that entries are put on, some hundred to a record. */
function shelfRecords(keys: Buffer, entries: KeyedChange['entries']): (readonly [shelf: number, keys: Buffer])[] {
  const shelves = new Map<number, Buffer[]>()
  for (const [i, { shelf }] of entries.entries()) {
    const key = keys.subarray(8 * i, 8 * i + 8)
    const on = shelves.get(shelf)
    if (on === undefined) shelves.set(shelf, [key])
    else on.push(key)
  }
  return [...shelves].flatMap(([shelf, on]) =>
    Array.from(
      { length: Math.ceil(on.length / KEYS_TO_A_RECORD) },
      (_, i) => [shelf, Buffer.concat(on.slice(i * KEYS_TO_A_RECORD, (i + 1) * KEYS_TO_A_RECORD))] as const,
    ),
  )
}

function headOf(task: string): string {
  return `driftline:join:{${task}}`
}

function prefixOf(task: string, began: number): string {
  return `${headOf(task)}:${began.toString(36)}:`
}

/** Eight bytes a key, the high word first. */
function bytesOf(keys: Uint32Array): Buffer {
  const bytes = Buffer.allocUnsafe(4 * keys.length)
  for (let i = 0; i < keys.length; i++) bytes.writeUInt32BE(keys[i], 4 * i)
  return bytes
}

function bucketOf(keys: Buffer, at: number): string {
  return keys.toString('hex', at, at + 2)
}

function word(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}
