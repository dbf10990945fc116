import type { KafkaConfig } from 'kafkajs'
import type { Logger } from 'pino'
import type { KafkaAccess } from '../config/environment.js'
import { KafkaLog } from '../log/kafka/kafka-log.js'

/** The log that the environment names. */
export function openKafka(access: KafkaAccess, logger: Logger, onFailure: (error: Error) => void = () => {}): KafkaLog {
  const { brokers, ssl, sasl, sessionTimeoutMs } = access
  return new KafkaLog({
    brokers,
    logger,
    onFailure,
    ...(ssl === undefined ? {} : { ssl }),
    ...(sessionTimeoutMs === undefined ? {} : { sessionTimeoutMs }),
    // One type for three mechanisms with the same fields: kafkajs wants the union spelled out.
    ...(sasl === undefined ? {} : { sasl: sasl as NonNullable<KafkaConfig['sasl']> }),
  })
}
