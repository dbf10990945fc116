import { execFileSync } from 'node:child_process'
import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { type Addresses, launch } from './launch.js'
import { serviceNames } from './table.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** `inject('services').kafka.brokers` and so on, in any integration test. */
    services: Addresses
  }
}

/** The command line as users have it, then Kafka, Redis and a schema registry for all integration tests of a run; each test uses names of its own in them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  execFileSync('npm', ['run', 'build'], { stdio: ['ignore', 'ignore', 'inherit'] })
  const { addresses, stop } = await launch(serviceNames)
  project.provide('services', addresses)
  return stop
}
