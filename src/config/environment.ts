import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { DriftlineError } from '../core/error.js'
import { parseDuration } from './duration.js'

export interface KafkaAccess {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  /** Authority, certificate and key as PEM text; `true` trusts the authorities that Node trusts. */
  readonly ssl?: boolean | Tls
  readonly sasl?: Sasl
  /** How long a silent instance keeps its partitions. */
  readonly sessionTimeoutMs?: number
}

export interface Tls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export interface Sasl {
  readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** Where checkpoints are kept. */
export type StatePlace =
  | { readonly kind: 'lmdb'; readonly folder: string }
  | { readonly kind: 'redis'; readonly url: string }
  | { readonly kind: 'none' }

/** Unless told: a folder where the service is started. */
const STATE_FOLDER = '.driftline/checkpoints'

/** Where the services are that Driftline needs; null for those the environment does not name. */
export interface Environment {
  readonly kafka: KafkaAccess
  readonly schemaRegistryUrl: string | null
  readonly state: StatePlace
}

type Variables = Readonly<Record<string, string | undefined>>

/** The port is asked for: without it kafkajs tries an address that nobody meant. */
const broker = z.string().regex(/^([\w.-]+|\[[\da-f:]+\]):\d{1,5}$/i)

const list = z
  .string()
  .transform(text => text.split(',').map(one => one.trim()))
  .pipe(z.array(broker).min(1))

/** Its text. */
const file = z.string().transform((path, context) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    context.addIssue({ code: 'custom', message: 'not readable' })
    return z.NEVER
  }
})

/** What a broker takes unless it is told otherwise: `group.min.session.timeout.ms` and `group.max.session.timeout.ms`. */
const SESSION_MS = { least: 6000, most: 1_800_000 }

const session = z.string().transform((text, context) => {
  const parsed = parseDuration(text)
  if ('ms' in parsed && parsed.ms >= SESSION_MS.least && parsed.ms <= SESSION_MS.most) return parsed.ms
  context.addIssue({ code: 'custom', message: 'not a session timeout' })
  return z.NEVER
})

/** Of the key that values are hashed with: shorter ones are guessed. */
const LEAST_KEY = 16

const http = z.string().regex(/^https?:\/\/[^\s/]+/)

/** Variable → type, what it is, and what to write. An empty variable is one that is not set. */
const variables = {
  KAFKA_BROKERS: { schema: list, expected: 'host:port, several separated by commas', example: 'localhost:9092' },
  KAFKA_SSL: { schema: z.enum(['true', 'false']), expected: 'true or false', example: 'true' },
  KAFKA_SSL_CA: {
    schema: file,
    expected: 'a PEM file of the authority that signs brokers',
    example: '/run/secrets/ca.pem',
  },
  KAFKA_SSL_CERT: {
    schema: file,
    expected: 'a PEM file of the client’s certificate',
    example: '/run/secrets/client.pem',
  },
  KAFKA_SSL_KEY: {
    schema: file,
    expected: 'a PEM file of the client’s private key',
    example: '/run/secrets/client.key',
  },
  KAFKA_USERNAME: { schema: z.string(), expected: 'the user name of SASL', example: 'driftline' },
  KAFKA_PASSWORD: { schema: z.string(), expected: 'the password of SASL', example: '…' },
  KAFKA_PASSWORD_FILE: {
    schema: file,
    expected: 'a file that holds the password of SASL',
    example: '/run/secrets/kafka',
  },
  KAFKA_SASL_MECHANISM: {
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    expected: 'plain, scram-sha-256 or scram-sha-512',
    example: 'scram-sha-512',
  },
  KAFKA_SESSION_TIMEOUT: {
    schema: session,
    expected: 'how long an instance that is silent keeps its partitions, 6s to 30m',
    example: '30s',
  },
  SCHEMA_REGISTRY_URL: { schema: http, expected: 'an http URL', example: 'http://localhost:8081/apis/ccompat/v7' },
  REDIS_URL: {
    schema: z.string().regex(/^(rediss?|unix):\/\/\S+$/),
    expected: 'a redis URL',
    example: 'redis://localhost:6379',
  },
  DRIFTLINE_STATE: {
    schema: z.string().regex(/^(lmdb|redis|none)$|^lmdb:.+$|^rediss?:\/\/\S+$/),
    expected: 'where checkpoints are kept: lmdb:FOLDER, redis (at REDIS_URL), a redis URL, or none',
    example: `lmdb:${STATE_FOLDER}`,
  },
  DRIFTLINE_PRIVACY_KEY: {
    schema: z.string(),
    expected: `a secret of at least ${LEAST_KEY} characters: values are hashed with it`,
    example: '…',
  },
  DRIFTLINE_PRIVACY_KEY_FILE: {
    schema: file,
    expected: `a file that holds a secret of at least ${LEAST_KEY} characters`,
    example: '/run/secrets/privacy-key',
  },
  DRIFTLINE_REPLICATION: {
    schema: z.coerce.number().int().min(1).max(100),
    expected: 'a whole number from 1: copies of each topic that is created',
    example: '1',
  },
} as const

type Name = keyof typeof variables

/** What is wrong with them is told without them: who mistakes a secret for its file would read it in a log. */
const HIDDEN: ReadonlySet<Name> = new Set([
  'KAFKA_PASSWORD',
  'KAFKA_PASSWORD_FILE',
  'KAFKA_SSL_KEY',
  'DRIFTLINE_PRIVACY_KEY',
  'DRIFTLINE_PRIVACY_KEY_FILE',
])

/** Reads all addresses at once; throws one error that names every variable that is wrong. */
export function environment(from: Variables = process.env): Environment {
  const faults: string[] = []
  const read = <N extends Name>(name: N) => attempt(from, name, faults)
  const brokers = read('KAFKA_BROKERS')
  const ssl = tlsOf(read('KAFKA_SSL'), read('KAFKA_SSL_CA'), read('KAFKA_SSL_CERT'), read('KAFKA_SSL_KEY'), faults)
  const password = secretOf('KAFKA_PASSWORD', read('KAFKA_PASSWORD'), read('KAFKA_PASSWORD_FILE'), faults)
  const sasl = saslOf(read('KAFKA_USERNAME'), password, read('KAFKA_SASL_MECHANISM'), faults)
  const sessionTimeoutMs = read('KAFKA_SESSION_TIMEOUT')
  const schemaRegistryUrl = read('SCHEMA_REGISTRY_URL')
  const state = stateOf(read('DRIFTLINE_STATE'), read('REDIS_URL'), faults)
  if (brokers === null && !set(from, 'KAFKA_BROKERS')) faults.unshift(missing('KAFKA_BROKERS'))
  if (faults.length > 0 || brokers === null) throw new DriftlineError('bad-input', faults.join('\n'))
  const kafka = {
    brokers,
    ...(ssl === false ? {} : { ssl }),
    ...(sasl === null ? {} : { sasl }),
    ...(sessionTimeoutMs === null ? {} : { sessionTimeoutMs }),
  }
  return { kafka, schemaRegistryUrl, state }
}

/** Copies of each topic that is created, in place of what topology/topics.yaml says; null when not set. */
export function replicationOverride(from: Variables = process.env): number | null {
  const faults: string[] = []
  const replication = attempt(from, 'DRIFTLINE_REPLICATION', faults)
  if (faults.length > 0) throw new DriftlineError('bad-input', faults.join('\n'))
  return replication
}

/** The key of `privacy.hash`; null when not set. */
export function privacyKey(from: Variables = process.env): string | null {
  const faults: string[] = []
  const read = (name: Name) => attempt(from, name, faults) as string | null
  const key = secretOf(
    'DRIFTLINE_PRIVACY_KEY',
    read('DRIFTLINE_PRIVACY_KEY'),
    read('DRIFTLINE_PRIVACY_KEY_FILE'),
    faults,
  )
  if (key !== null && key.length < LEAST_KEY)
    faults.push(`DRIFTLINE_PRIVACY_KEY has ${key.length} characters: expected at least ${LEAST_KEY}`)
  if (faults.length > 0) throw new DriftlineError('bad-input', faults.join('\n'))
  return key
}

function tlsOf(
  ssl: 'true' | 'false' | null,
  ca: string | null,
  cert: string | null,
  key: string | null,
  faults: string[],
): boolean | Tls {
  const tls = { ...(ca === null ? {} : { ca }), ...(cert === null ? {} : { cert }), ...(key === null ? {} : { key }) }
  if ((cert === null) !== (key === null))
    faults.push('KAFKA_SSL_CERT and KAFKA_SSL_KEY belong together. Set both, or neither.')
  if (Object.keys(tls).length === 0) return ssl === 'true'
  if (ssl === 'false') faults.push('KAFKA_SSL is false, but a KAFKA_SSL_… file is named. Set it to true, or unset one.')
  return tls
}

/** Files of secrets mostly end with a line break, which is not meant. */
function secretOf(name: Name, secret: string | null, file: string | null, faults: string[]): string | null {
  if (secret !== null && file !== null) faults.push(`${name} and ${name}_FILE are both set. Unset one.`)
  return secret ?? file?.replace(/\r?\n$/, '') ?? null
}

function stateOf(place: string | null, redisUrl: string | null, faults: string[]): StatePlace {
  if (place === null || place === 'lmdb') return { kind: 'lmdb', folder: STATE_FOLDER }
  if (place === 'none') return { kind: 'none' }
  if (place.startsWith('lmdb:')) return { kind: 'lmdb', folder: place.slice('lmdb:'.length) }
  const url = place === 'redis' ? redisUrl : place
  if (url === null) {
    faults.push(
      'DRIFTLINE_STATE is redis, but REDIS_URL is not set. Write, for example, REDIS_URL=redis://localhost:6379',
    )
    return { kind: 'none' }
  }
  return { kind: 'redis', url }
}

function saslOf(
  username: string | null,
  password: string | null,
  mechanism: Sasl['mechanism'] | null,
  faults: string[],
): Sasl | null {
  if (username === null && password === null) return null
  if (username !== null && password !== null) return { mechanism: mechanism ?? 'plain', username, password }
  const [there, absent] = username === null ? ['PASSWORD', 'USERNAME'] : ['USERNAME', 'PASSWORD']
  faults.push(`KAFKA_${there} is set, but KAFKA_${absent} is not. Set both, or neither.`)
  return null
}

function attempt<N extends Name>(
  from: Variables,
  name: N,
  faults: string[],
): z.output<(typeof variables)[N]['schema']> | null {
  if (!set(from, name)) return null
  const { schema, expected, example } = variables[name]
  const result = schema.safeParse(from[name])
  if (result.success) return result.data as z.output<(typeof variables)[N]['schema']>
  // What may hold a password is not shown.
  const found = HIDDEN.has(name) || from[name]!.includes('@') ? '' : `, found ${JSON.stringify(from[name])}`
  faults.push(`${name}: expected ${expected}${found}. Write, for example, ${name}=${example}`)
  return null
}

function set(from: Variables, name: Name): boolean {
  return (from[name] ?? '') !== ''
}

function missing(name: Name): string {
  const { expected, example } = variables[name]
  return (
    `${name} is not set: expected ${expected}. Write, for example, export ${name}=${example} ` +
    '(`npm run services` starts a broker here and prints its address).'
  )
}
