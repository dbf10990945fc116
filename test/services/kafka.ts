import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Command } from './guarded.js'
import type { Unpacked } from './maven.js'
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
  { kafka: classPath, folder: made }: Unpacked,
  folder: string,
  port: number,
  security?: KafkaSecurity,
): Promise<Start> {
  const properties = join(folder, 'server.properties')
  const data = join(folder, 'data')
  const controllerPort = await freePort()
  const settings = {
    ...kafkaSettings,
    ...listeners('127.0.0.1', port, controllerPort),
    'log.dirs': data,
    // A test of compacted topics waits for it: 15 s by default.
    'log.cleaner.backoff.ms': '500',
    ...(security && (await security.settings(folder, listeners('127.0.0.1', port, controllerPort)))),
  }
  await writeProperties(properties, settings)
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
  return {
    prepare:
      security === undefined
        ? { run: 'cp', with: ['-R', await formatted(java, classPath, made), data] }
        : format(java, classPath, properties, security),
    command: { run: java, with: ['-Xmx512m', '-XX:+UseSerialGC', quiet, '-cp', classPath, 'kafka.Kafka', properties] },
    classData: join(made, 'kafka.jsa'),
  }
}

/** The folder of a broker that is alone and knows no users: the same for all, so it is made once, whole or not at all. */
async function formatted(java: string, classPath: string, made: string): Promise<string> {
  const folder = join(made, 'kafka-formatted')
  if (existsSync(folder)) return folder
  const unfinished = await mkdtemp(`${folder}-`)
  const properties = join(unfinished, 'server.properties')
  const data = join(unfinished, 'data')
  await writeProperties(properties, { ...kafkaSettings, ...listeners('127.0.0.1', 1, 2), 'log.dirs': data })
  const { run, with: args } = format(java, classPath, properties)
  await promisify(execFile)(run, [...args])
  await rename(data, folder).catch(error => {
    if (!existsSync(folder)) throw error
  })
  await rm(unfinished, { recursive: true })
  return folder
}

function format(java: string, classPath: string, properties: string, security?: KafkaSecurity): Command {
  // Every broker started here is alone, so all may carry the same cluster id.
  const cluster = ['-t', 'AAAAAAAAAAAAAAAAAAAAAA', '-c', properties, ...scram(security)]
  return { run: java, with: ['-Xmx128m', '-cp', classPath, 'kafka.tools.StorageTool', 'format', ...cluster] }
}

async function writeProperties(file: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  await writeFile(file, `${lines.join('\n')}\n`)
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
