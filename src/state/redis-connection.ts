import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { DriftlineError } from '../core/error.js'

const CONNECT_WITHIN_MS = 3_000
/** A store that is silent must not hold up the partitions for long. */
const ANSWER_WITHIN_MS = 5_000
const MOST_BACKOFF_MS = 5_000

/** A client of one server, or of a cluster, that says in our words what is wrong. */
export class RedisConnection {
  readonly place: string
  readonly #client: Redis | Cluster
  #lastError = ''

  private constructor(
    url: string,
    private readonly what: string,
  ) {
    this.place = withoutCredentials(url)
    this.#client = isCluster(url) ? clusterAt(url) : new Redis(url, OPTIONS)
    this.#client.on('error', error => {
      this.#lastError = error.message
    })
  }

  /**
   * Waits for the first connection, but not long; one that fails is tried again for as long as it is open.
   * @param url `redis://` or, over TLS, `rediss://`, with user and password where it asks for them; with `?cluster=true` one node of a
   *   Redis Cluster, which knows the others
   * @param what is kept there, for messages
   */
  static async open(url: string, what: string): Promise<RedisConnection> {
    const connection = new RedisConnection(url, what)
    await connection.#client.connect().catch(() => {})
    return connection
  }

  /** Throws `infrastructure` where there is no answer. */
  async asked<T>(work: (client: Redis | Cluster) => Promise<T>): Promise<T> {
    try {
      return await work(this.#client)
    } catch (cause) {
      const away = this.#client.status !== 'ready' && this.#lastError !== ''
      const why = away ? this.#lastError : (cause as Error).message
      throw new DriftlineError(
        'infrastructure',
        `${this.what} cannot be kept at ${this.place} (${why}); ${remedyOf(why)}`,
        { cause },
      )
    }
  }

  close(): void {
    this.#client.disconnect()
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

function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '')
}
