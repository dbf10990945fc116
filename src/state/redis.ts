import { Redis } from 'ioredis'
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

/** A client for one server, which says what is wrong in words of ours. */
export class RedisConnection {
  readonly place: string
  readonly client: Redis
  #lastError = ''

  /** @param what is kept there, for messages */
  constructor(
    url: string,
    private readonly what: string,
  ) {
    this.place = withoutCredentials(url)
    this.client = new Redis(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: CONNECT_WITHIN_MS,
      commandTimeout: ANSWER_WITHIN_MS,
      retryStrategy: attempt => Math.min(attempt * 200, MOST_BACKOFF_MS),
      // After a failover, the server at hand may take no writes any more.
      reconnectOnError: error => error.message.startsWith('READONLY'),
    })
    this.client.on('error', error => {
      this.#lastError = error.message
    })
  }

  /** Waits for the first connection, but not long; one that fails is tried again for as long as the client is open. */
  async open(): Promise<void> {
    await this.client.connect().catch(() => {})
  }

  async asked<T>(work: (client: Redis) => Promise<T>): Promise<T> {
    try {
      return await work(this.client)
    } catch (cause) {
      const away = this.client.status !== 'ready' && this.#lastError !== ''
      const why = away ? this.#lastError : (cause as Error).message
      throw new DriftlineError(
        'infrastructure',
        `${this.what} cannot be kept at ${this.place} (${why}); see that Redis runs there and takes writes, or correct --state or REDIS_URL`,
        { cause },
      )
    }
  }
}

/** Checkpoints in Redis, shared by all instances: whoever takes a partition over goes on where the other was. */
export class RedisStore implements StateStore {
  private constructor(private readonly connection: RedisConnection) {}

  /** @param url `redis://` or, over TLS, `rediss://`, with user and password where it asks for them */
  static async open(url: string): Promise<RedisStore> {
    const connection = new RedisConnection(url, 'checkpoints')
    await connection.open()
    return new RedisStore(connection)
  }

  get place(): string {
    return this.connection.place
  }

  async read(tasks: readonly string[]): Promise<(Checkpoint | null)[]> {
    // Sent together, answered one by one: in a cluster they lie on several servers.
    const found = await this.connection.asked(client =>
      Promise.all(tasks.map(task => client.hmgetBuffer(keyOf(task), 'began', 'offset', 'state'))),
    )
    return found.map(([began, offset, state]) =>
      began && offset && state ? { began: Number(began), nextOffset: Number(offset), state } : null,
    )
  }

  async write(checkpoints: readonly (Checkpoint & { readonly task: string })[]): Promise<boolean[]> {
    const answers = await this.connection.asked(client =>
      Promise.all(
        checkpoints.map(({ task, began, nextOffset, state }) =>
          client.eval(WRITE, 1, keyOf(task), began, nextOffset, Buffer.from(state), KEPT_S),
        ),
      ),
    )
    return answers.map(answer => answer === 1)
  }

  async close(): Promise<void> {
    this.connection.client.disconnect()
  }
}

/** All that is kept of a task lies in one slot of a cluster. */
function keyOf(task: string): string {
  return `driftline:checkpoint:{${task}}`
}

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '')
}
