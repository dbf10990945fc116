import kafkajs, { type LogEntry, type logCreator } from 'kafkajs'

/** What is asked of a logger; pino's fits. */
export interface LogLines {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  isLevelEnabled?(level: string): boolean
}

/**
 * kafkajs's own lines, all of them at debug: while Kafka is away it writes an error for every attempt, and an outage is told once
 * elsewhere (outage.ts).
 */
export function toKafkajs(logger: LogLines): logCreator {
  return () =>
    ({ namespace, label, log: { message, logger: _, timestamp: __, ...fields } }: LogEntry) =>
      logger.debug({ ...fields, kafkajs: namespace, level: label }, message)
}

export function levelFor(logger: LogLines): number {
  return logger.isLevelEnabled?.('debug') ? kafkajs.logLevel.INFO : kafkajs.logLevel.NOTHING
}
