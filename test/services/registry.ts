import { join } from 'node:path'
import type { Unpacked } from './maven.js'
import type { Start } from './start.js'
import { registrySettings } from './table.js'

export function registryFromJar(
  java: string,
  { registry: jar, folder: made }: Unpacked,
  folder: string,
  port: number,
): Start {
  return {
    classData: join(made, 'registry.jsa'),
    command: {
      run: java,
      // Compiled once only: it starts in 3 s instead of 4, and nobody measures its speed.
      with: ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-jar', jar],
      environment: {
        ...registrySettings(join(folder, 'registry')),
        QUARKUS_HTTP_HOST: '127.0.0.1',
        QUARKUS_HTTP_PORT: String(port),
      },
    },
  }
}

/** For the image, which keeps its port; the file outlives a stop of the container, not its removal. */
export function registryEnvironment(): Record<string, string> {
  return { ...registrySettings('/tmp/registry'), JAVA_OPTIONS: '-Xmx256m' }
}
