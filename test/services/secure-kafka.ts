import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { DriftlineError } from '../../src/core/error.js'
import type { ScramUser } from './kafka.js'
import { lookAround } from './machine.js'
import { freePort } from './port.js'
import { type OwnService, startOwn } from './running.js'

export interface PlainUser {
  readonly mechanism: 'plain'
  readonly username: string
  readonly password: string
}

export interface SecureKafka extends OwnService {
  /** SASL over TLS, for users with the rights that ACLs give them and no others. */
  readonly brokers: string[]
  /** The authority behind the broker's certificate, as PEM text. */
  readonly ca: string
  /** Without TLS or user, and all rights: the broker's own way in, on loopback; the test gives rights through it. */
  readonly inside: string[]
}

/** A Kafka of the test's own, from jars whatever else there is: the image makes no users before it starts. */
export async function startSecureKafka(users: readonly (ScramUser | PlainUser)[]): Promise<SecureKafka> {
  const machine = await lookAround(process.env)
  const { java } = machine
  if (java === undefined)
    throw new DriftlineError(
      'infrastructure',
      'a Kafka with users needs Java 17 or newer: install openjdk-17-jdk-headless',
    )
  const port = await freePort()
  let ca = ''
  const settings = async (folder: string, { listeners, 'listener.security.protocol.map': protocols }: Settings) => {
    ca = await certify(java, folder)
    return {
      listeners: `${listeners},SECURE://127.0.0.1:${port}`,
      'advertised.listeners': `${listeners!.split(',')[0]},SECURE://127.0.0.1:${port}`,
      'listener.security.protocol.map': `${protocols},SECURE:SASL_SSL`,
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
      'listener.name.secure.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      'listener.name.secure.plain.sasl.jaas.config': plainUsers(users),
      'listener.name.secure.scram-sha-256.sasl.jaas.config': SCRAM,
      'listener.name.secure.scram-sha-512.sasl.jaas.config': SCRAM,
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': join(folder, KEYS),
      'ssl.keystore.password': STORE_PASSWORD,
    }
  }
  const scram = users.filter((user): user is ScramUser => user.mechanism !== 'plain')
  const say = (line: string) => process.stderr.write(`${line}\n`)
  const service = await startOwn('kafka', { kind: 'maven' }, machine, say, undefined, { settings, scram })
  return { ...service, brokers: [`127.0.0.1:${port}`], ca, inside: [service.address] }
}

type Settings = Readonly<Record<string, string>>

const KEYS = 'broker.p12'
const STORE_PASSWORD = 'of-a-test'
const SCRAM = 'org.apache.kafka.common.security.scram.ScramLoginModule required;'

function plainUsers(users: readonly (ScramUser | PlainUser)[]): string {
  const plain = users.filter(({ mechanism }) => mechanism === 'plain')
  const known = plain.map(({ username, password }) => ` user_${username}="${password}"`).join('')
  return `org.apache.kafka.common.security.plain.PlainLoginModule required${known};`
}

/** A key with a certificate that is its own authority. @returns the certificate as PEM text */
async function certify(java: string, folder: string): Promise<string> {
  const pem = join(folder, 'ca.pem')
  const run = (...args: string[]) =>
    promisify(execFile)(join(dirname(java), 'keytool'), [
      ...args,
      ...['-keystore', join(folder, KEYS), '-storetype', 'PKCS12', '-storepass', STORE_PASSWORD, '-alias', 'broker'],
    ])
  await run(
    ...['-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', '-validity', '2', '-dname', 'CN=driftline-test'],
    ...['-ext', 'san=ip:127.0.0.1', '-ext', 'bc:critical=ca:true'],
  )
  await run('-exportcert', '-rfc', '-file', pem)
  return readFile(pem, 'utf8')
}
