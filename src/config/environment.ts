import { z } from 'zod'
import { DriftlineError } from '../core/error.js'

export interface KafkaAccess {
  /** `host:port` each. */
  readonly brokers: readonly string[]
  readonly ssl?: boolean
  readonly sasl?: Sasl
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
export const STATE_FOLDER = '.driftline/checkpoints'

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

const http = z.string().regex(/^https?:\/\/[^\s/]+/)

/** Variable → type, what it is, and what to write. An empty variable is one that is not set. */
const variables = {
  KAFKA_BROKERS: { schema: list, expected: 'host:port, several separated by commas', example: 'localhost:9092' },
  KAFKA_SSL: { schema: z.enum(['true', 'false']), expected: 'true or false', example: 'true' },
  KAFKA_USERNAME: { schema: z.string(), expected: 'the user name of SASL', example: 'driftline' },
  KAFKA_PASSWORD: { schema: z.string(), expected: 'the password of SASL', example: '…' },
  KAFKA_SASL_MECHANISM: {
    schema: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    expected: 'plain, scram-sha-256 or scram-sha-512',
    example: 'scram-sha-512',
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
  DRIFTLINE_REPLICATION: {
    schema: z.coerce.number().int().min(1).max(100),
    expected: 'a whole number from 1: copies of each topic that is created',
    example: '1',
  },
} as const

type Name = keyof typeof variables

/** Reads all addresses at once; throws one error that names every variable that is wrong. */
export function environment(from: Variables = process.env): Environment {
  const faults: string[] = []
  const read = <N extends Name>(name: N) => attempt(from, name, faults)
  const brokers = read('KAFKA_BROKERS')
  const ssl = read('KAFKA_SSL')
  const sasl = saslOf(read('KAFKA_USERNAME'), read('KAFKA_PASSWORD'), read('KAFKA_SASL_MECHANISM'), faults)
  const schemaRegistryUrl = read('SCHEMA_REGISTRY_URL')
  const state = stateOf(read('DRIFTLINE_STATE'), read('REDIS_URL'), faults)
  if (brokers === null && !set(from, 'KAFKA_BROKERS')) faults.unshift(missing('KAFKA_BROKERS'))
  if (faults.length > 0 || brokers === null) throw new DriftlineError('bad-input', faults.join('\n'))
  const kafka = { brokers, ...(ssl === 'true' ? { ssl: true } : {}), ...(sasl === null ? {} : { sasl }) }
  return { kafka, schemaRegistryUrl, state }
}

/** Copies of each topic that is created, in place of what topology/topics.yaml says; null when not set. */
export function replicationOverride(from: Variables = process.env): number | null {
  const faults: string[] = []
  const replication = attempt(from, 'DRIFTLINE_REPLICATION', faults)
  if (faults.length > 0) throw new DriftlineError('bad-input', faults.join('\n'))
  return replication
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
  const found =
    name === 'KAFKA_PASSWORD' || String(from[name]).includes('@') ? '' : `, found ${JSON.stringify(from[name])}`
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
