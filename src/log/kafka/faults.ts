import { DriftlineError } from '../../core/error.js'
import { missingRight, type Right } from './rights.js'

export { lacking, type Right, right } from './rights.js'

/** kafkajs wraps what the broker said in errors about retries, and in one about many topics. */
function* causes(error: unknown): Generator<{ name?: string; type?: string; message?: string; retriable?: boolean }> {
  for (let one = error; one instanceof Error; one = 'errors' in one ? (one.errors as unknown[])[0] : one.cause)
    yield one
}

/** The broker's word for the fault, such as `UNKNOWN_TOPIC_OR_PARTITION`. */
export function brokersWord(error: unknown): string | undefined {
  for (const { type } of causes(error)) if (typeof type === 'string') return type
  return undefined
}

const MOVED_ON = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'REBALANCE_IN_PROGRESS', 'FENCED_INSTANCE_ID'])

/** The group is in another generation: a commit of this one has no right any more. */
export function movedOn(error: unknown): boolean {
  return MOVED_ON.has(brokersWord(error) ?? '')
}

/** The group has gone on without us: others may have owned, and committed, what is ours again by the next join. */
export function wasElsewhere(error: unknown): boolean {
  return movedOn(error) && brokersWord(error) !== 'REBALANCE_IN_PROGRESS'
}

const REFUSED = /AUTHORIZATION_FAILED|AUTHENTICATION|SASL|UNSUPPORTED_VERSION|INVALID_GROUP_ID|INVALID_SESSION_TIMEOUT/

/** No use in trying again with the same configuration. */
export function isRefusal(error: unknown): boolean {
  for (const { name = '', type = '' } of causes(error))
    if (REFUSED.test(type) || /SASL|NotImplemented|UnsupportedMagicByte/.test(name)) return true
  return false
}

const UNWRITABLE = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TIMESTAMP',
  'INVALID_RECORD',
  'INVALID_TOPIC_EXCEPTION',
  'UNSUPPORTED_COMPRESSION_TYPE',
])

/** The broker will never take these records. */
export function isUnwritable(error: unknown): boolean {
  return UNWRITABLE.has(brokersWord(error) ?? '')
}

export function isUnknownTopic(error: unknown): boolean {
  return brokersWord(error) === 'UNKNOWN_TOPIC_OR_PARTITION'
}

export function noTopic(topic: string, brokers: readonly string[]): DriftlineError {
  return new DriftlineError(
    'infrastructure',
    `Kafka at ${brokers.join(', ')} has no topic "${topic}". Create it with \`driftline topics apply\`, or correct its name.`,
  )
}

/**
 * Any fault of kafkajs as one of ours, with the addresses tried.
 * @param needs the rights that what was done asks for; of these the one that Kafka says is missing is named
 */
export function infrastructure(
  doing: string,
  brokers: readonly string[],
  cause: unknown,
  needs: readonly Right[] = [],
): DriftlineError {
  if (cause instanceof DriftlineError) return cause
  const said = brokersWord(cause) ?? [...causes(cause)].at(-1)?.message ?? String(cause)
  const remedy = remedyOf(cause, said, needs)
  return new DriftlineError(
    'infrastructure',
    `${doing} failed; tried Kafka at ${brokers.join(', ')}: ${said}. ${remedy}`,
    {
      cause,
    },
  )
}

/** Words of Node's TLS about a certificate that is not trusted, or not of this host. */
const CERTIFICATE = /certificate|altnames|self[- ]signed/i

function remedyOf(cause: unknown, said: string, needs: readonly Right[]): string {
  const missing = missingRight(brokersWord(cause) ?? '', needs)
  if (missing !== null) return missing
  if ([...causes(cause)].some(({ name }) => name === 'KafkaJSGroupCoordinatorNotFound')) {
    // kafkajs keeps the broker's word of this one request to itself.
    const right = missingRight('GROUP_AUTHORIZATION_FAILED', needs) ?? ''
    return `Kafka may have just started, or be short of a broker; else: ${right}`.trimEnd()
  }
  if (isRefusal(cause))
    return 'Check KAFKA_USERNAME, KAFKA_PASSWORD (or KAFKA_PASSWORD_FILE), KAFKA_SASL_MECHANISM, and the rights of the user.'
  if (isUnknownTopic(cause)) return 'Create the topic with `driftline topics apply`, or correct its name.'
  if (CERTIFICATE.test(said))
    return 'Name the PEM file of the authority that signed the broker’s certificate in KAFKA_SSL_CA, and the broker as the certificate does in KAFKA_BROKERS.'
  return 'Check that Kafka runs and that the address is right (KAFKA_BROKERS).'
}
