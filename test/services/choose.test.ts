import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { choose } from './choose.js'
import { javaMajor, lookAround } from './machine.js'

const all = { docker: '/usr/bin/docker', java: '/usr/bin/java', maven: '/usr/bin/mvn', cached: true }
const nothing = { cached: false }

test('the environment comes before Docker, and Docker before Maven', () => {
  const kafka = { KAFKA_BROKERS: 'somewhere:9092' }
  expect(choose('kafka', kafka, all)).toEqual({ kind: 'environment', address: 'somewhere:9092' })
  expect(choose('redis', kafka, all)).toEqual({ kind: 'docker' })
  expect(choose('redis', kafka, { ...nothing, java: all.java, maven: all.maven })).toEqual({ kind: 'maven' })
})

test('an empty variable names nothing', () => {
  expect(choose('redis', { REDIS_URL: '' }, all)).toEqual({ kind: 'docker' })
})

test('Maven is not needed for what it has fetched before', () => {
  expect(choose('redis', {}, { java: all.java, cached: true })).toEqual({ kind: 'maven' })
})

test('one message says all that is missing and the three ways to get it', () => {
  expect(() => choose('kafka', {}, nothing)).toThrow(
    [
      'Kafka, Redis and the schema registry cannot be started here: there is',
      '  - no Java 17 or newer (java) in JAVA_HOME or on the PATH',
      '  - no Maven (mvn) on the PATH',
      '  - no Docker engine that answers (docker info)',
      'Do one of these, then run the same command again:',
      '  1. install a JDK and Maven:     apt-get install openjdk-17-jdk-headless maven   (brew install openjdk maven)',
      '  2. start Docker',
      '  3. name services that run:      export KAFKA_BROKERS=… REDIS_URL=… SCHEMA_REGISTRY_URL=…',
    ].join('\n'),
  )
})

test('the message leaves out what is there', () => {
  expect(() => choose('kafka', {}, { java: all.java, cached: false })).toThrow(/no Maven(?![\s\S]*no Java)/)
  expect(() => choose('kafka', {}, { maven: all.maven, cached: false })).toThrow(/no Java(?![\s\S]*no Maven)/)
})

test('a machine whose PATH is empty has nothing', async () => {
  const empty = join(tmpdir(), 'driftline-is-not-here')
  expect(await lookAround({ PATH: '', XDG_CACHE_HOME: empty })).toEqual(nothing)
  expect(await lookAround({ PATH: empty, XDG_CACHE_HOME: empty })).toEqual(nothing)
})

test.each([
  ['openjdk version "17.0.15" 2025-04-15', 17],
  ['openjdk version "21" 2023-09-19', 21],
  ['java version "1.8.0_392"', 8],
  ['The operation couldn’t be completed. Unable to locate a Java Runtime.', 0],
])('%s is Java %i', (says, major) => expect(javaMajor(says)).toBe(major))
