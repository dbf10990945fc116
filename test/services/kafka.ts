import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './port.js'
import type { Start } from './start.js'
import { asKafkaEnvironment, kafkaSettings, services } from './table.js'

/** What makes a broker ask who its clients are. */
export interface KafkaSecurity {
  /** On top of the usual ones. @param listeners the usual ones of this broker */
  settings(folder: string, listeners: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>>
  /** Users that exist from the beginning. */
  readonly scram: readonly ScramUser[]
}

export interface ScramUser {
  readonly mechanism: 'scram-sha-256' | 'scram-sha-512'
  readonly username: string
  readonly password: string
}

/** One node that is controller and broker at once, as the tests need no second one. */
export async function kafkaFromJars(
  java: string,
  classPath: string,
  folder: string,
  port: number,
  security?: KafkaSecurity,
): Promise<Start> {
  const properties = join(folder, 'server.properties')
  const controllerPort = await freePort()
  const settings = {
    ...kafkaSettings,
    ...listeners('127.0.0.1', port, controllerPort),
    'log.dirs': join(folder, 'data'),
    ...(security && (await security.settings(folder, listeners('127.0.0.1', port, controllerPort)))),
  }
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  await writeFile(properties, `${lines.join('\n')}\n`)

  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  const run = (heap: string, ...rest: string[]) => ({ run: java, with: [heap, quiet, '-cp', classPath, ...rest] })
  // Every broker started here is alone, so all may carry the same cluster id.
  const clusterId = 'AAAAAAAAAAAAAAAAAAAAAA'
  return {
    prepare: run(
      '-Xmx128m',
      'kafka.tools.StorageTool',
      'format',
      '-t',
      clusterId,
      '-c',
      properties,
      ...scram(security),
    ),
    command: run('-Xmx512m', '-XX:+UseSerialGC', 'kafka.Kafka', properties),
  }
}

function scram({ scram: users }: Pick<KafkaSecurity, 'scram'> = { scram: [] }): string[] {
  return users.flatMap(({ mechanism, username, password }) => [
    '--add-scram',
    `${mechanism.toUpperCase()}=[name=${username},password=${password}]`,
  ])
}

/** For the apache/kafka image, whose clients reach it by a published port. */
export function kafkaEnvironment(port: number): Record<string, string> {
  const inside = listeners('0.0.0.0', services.kafka.containerPort, 9093)
  const outside = { 'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}` }
  return { ...asKafkaEnvironment({ ...kafkaSettings, ...inside, ...outside }), KAFKA_HEAP_OPTS: '-Xmx512m' }
}

function listeners(host: string, port: number, controllerPort: number): Record<string, string> {
  return {
    listeners: `PLAINTEXT://${host}:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${host}:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name': 'PLAINTEXT',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
  }
}
