import { DriftlineError } from '../../src/core/error.js'
import type { Machine } from './machine.js'
import { type ServiceName, services } from './table.js'

/** Where a service comes from. */
export type Origin = { readonly kind: 'environment'; readonly address: string } | OwnOrigin

/** One that this process starts and ends. */
export type OwnOrigin = { readonly kind: 'docker' | 'maven' }

/** What the environment names comes first, then Docker, then Maven. */
export function choose(name: ServiceName, environment: NodeJS.ProcessEnv, machine: Machine): Origin {
  const address = environment[services[name].variable]
  return address ? { kind: 'environment', address } : chooseOwn(machine)
}

export function chooseOwn(machine: Machine): OwnOrigin {
  if (machine.docker) return { kind: 'docker' }
  if (machine.java && (machine.maven || machine.cached)) return { kind: 'maven' }
  throw new DriftlineError('infrastructure', explain(machine))
}

function explain(machine: Machine): string {
  const missing = [
    ...(machine.java ? [] : ['no Java 17 or newer (java) in JAVA_HOME or on the PATH']),
    ...(machine.maven || machine.cached ? [] : ['no Maven (mvn) on the PATH']),
    'no Docker engine that answers (docker info)',
  ]
  const variables = Object.values(services).map(({ variable }) => variable)
  return [
    'Kafka, Redis and the schema registry cannot be started here: there is',
    ...missing.map(what => `  - ${what}`),
    'Do one of these, then run the same command again:',
    '  1. install a JDK and Maven:     apt-get install openjdk-17-jdk-headless maven   (brew install openjdk maven)',
    '  2. start Docker',
    `  3. name services that run:      export ${variables.join('=… ')}=…`,
  ].join('\n')
}
