import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { DriftlineError } from '../core/error.js'
import type { Checkpoint, StateStore } from '../core/ports.js'

const CONNECT_WITHIN_MS = 3_000
/** A store that is silent must not hold up the partitions for long. */
const ANSWER_WITHIN_MS = 5_000
const MOST_BACKOFF_MS = 5_000
/** A task that nobody has written for so long has ended. */
const KEPT_S = 30 * 24 * 3600

/** One task, one step: refused where the same beginning is stored with an equal or higher next offset. */
const WRITE = `
local known = redis.call('HMGET', KEYS[1], 'began', 'offset')
if known[1] == ARGV[1] and tonumber(known[2]) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'began', ARGV[1], 'offset', ARGV[2], 'state', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1`

/** Checkpoints in Redis, shared by all instances: whoever takes a partition over goes on where the other was. */
export class RedisStore implements StateStore {
  readonly place: string
  readonly #client: Redis | Cluster
  #lastError = ''

  private constructor(url: string) {
    this.place = withoutCredentials(url)
    this.#client = isCluster(url) ? clusterAt(url) : new Redis(url, OPTIONS)
    this.#client.on('error', error => {
      this.#lastError = error.message
    })
  }

  /**
   * Waits for the first connection, but not long; one that fails is tried again for as long as the store is open.
   * @param url `redis://` or, over TLS, `rediss://`, with user and password where it asks for them; with `?cluster=true` one node of a
   *   Redis Cluster, which knows the others
   */
  static async open(url: string): Promise<RedisStore> {
    const store = new RedisStore(url)
    await store.#client.connect().catch(() => {})
    return store
  }

  async read(tasks: readonly string[]): Promise<(Checkpoint | null)[]> {
    // Sent together, answered one by one: in a cluster they lie on several servers.
    const found = await this.#asked(() =>
      Promise.all(tasks.map(task => this.#client.hmgetBuffer(keyOf(task), 'began', 'offset', 'state'))),
    )
    return found.map(([began, offset, state]) =>
      began && offset && state ? { began: Number(began), nextOffset: Number(offset), state } : null,
    )
  }

  async write(checkpoints: readonly (Checkpoint & { readonly task: string })[]): Promise<boolean[]> {
    const answers = await this.#asked(() =>
      Promise.all(
        checkpoints.map(({ task, began, nextOffset, state }) =>
          this.#client.eval(WRITE, 1, keyOf(task), began, nextOffset, Buffer.from(state), KEPT_S),
        ),
      ),
    )
    return answers.map(answer => answer === 1)
  }

  async remove(tasks: readonly string[]): Promise<void> {
    await this.#asked(() => Promise.all(tasks.map(task => this.#client.del(keyOf(task)))))
  }

  async close(): Promise<void> {
    this.#client.disconnect()
  }

  async #asked<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      const away = this.#client.status !== 'ready' && this.#lastError !== ''
      const why = away ? this.#lastError : (cause as Error).message
      throw new DriftlineError(
        'infrastructure',
        `checkpoints cannot be kept at ${this.place} (${why}); ${remedyOf(why)}`,
        { cause },
      )
    }
  }
}

/** Words of Node's TLS about a certificate that is not trusted, or not of this host. */
const CERTIFICATE = /certificate|altnames|self[- ]signed/i

function remedyOf(why: string): string {
  if (CERTIFICATE.test(why))
    return 'name the PEM file of the authority that signed its certificate in NODE_EXTRA_CA_CERTS'
  return 'see that Redis runs there and takes writes, or correct --state or REDIS_URL'
}

const backoff = (attempt: number): number => Math.min(attempt * 200, MOST_BACKOFF_MS)

const OPTIONS: RedisOptions = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  connectTimeout: CONNECT_WITHIN_MS,
  commandTimeout: ANSWER_WITHIN_MS,
  retryStrategy: backoff,
  // After a failover, the server at hand may take no writes any more.
  reconnectOnError: error => error.message.startsWith('READONLY'),
}

function isCluster(url: string): boolean {
  return /\?(.*&)?cluster=true(&|$)/.test(url)
}

function clusterAt(url: string): Cluster {
  const { hostname, port, username, password, protocol } = new URL(url)
  const { connectTimeout, commandTimeout } = OPTIONS
  return new Cluster([{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || 6379 }], {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: backoff,
    redisOptions: {
      ...{ connectTimeout: connectTimeout!, commandTimeout: commandTimeout! },
      ...(username === '' ? {} : { username: decodeURIComponent(username) }),
      ...(password === '' ? {} : { password: decodeURIComponent(password) }),
      ...(protocol === 'rediss:' ? { tls: {} } : {}),
    },
  })
}

/** All that is kept of a task lies in one slot of a cluster. */
export function keyOf(task: string): string {
  return `driftline:checkpoint:{${task}}`
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '')
}
