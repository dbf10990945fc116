import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { environment, privacyKey, replicationOverride } from '../../src/config/environment.js'
import { DriftlineError } from '../../src/core/error.js'

describe('environment', () => {
  it('reads addresses', () => {
    const from = {
      KAFKA_BROKERS: 'a:9092, [::1]:9093',
      SCHEMA_REGISTRY_URL: 'http://r:8081/apis/ccompat/v7',
      REDIS_URL: 'redis://h',
    }
    expect(environment(from)).toEqual({
      kafka: { brokers: ['a:9092', '[::1]:9093'] },
      schemaRegistryUrl: 'http://r:8081/apis/ccompat/v7',
      state: { kind: 'lmdb', folder: '.driftline/checkpoints' },
    })
  })

  it.each([
    ['lmdb', { kind: 'lmdb', folder: '.driftline/checkpoints' }],
    ['lmdb:/var/lib/d', { kind: 'lmdb', folder: '/var/lib/d' }],
    ['redis', { kind: 'redis', url: 'rediss://u:p@h:1' }],
    ['redis://other', { kind: 'redis', url: 'redis://other' }],
    ['none', { kind: 'none' }],
    ['', { kind: 'lmdb', folder: '.driftline/checkpoints' }],
  ])('keeps checkpoints where DRIFTLINE_STATE=%s says', (place, state) => {
    expect(environment({ KAFKA_BROKERS: 'a:1', REDIS_URL: 'rediss://u:p@h:1', DRIFTLINE_STATE: place })).toMatchObject({
      state,
    })
  })

  it('says what is wrong with DRIFTLINE_STATE, and shows no password', () => {
    const state = (place: string) => () => environment({ KAFKA_BROKERS: 'a:1', DRIFTLINE_STATE: place })
    expect(state('redis')).toThrow('DRIFTLINE_STATE is redis, but REDIS_URL is not set')
    expect(state('postgres')).toThrow(
      /^DRIFTLINE_STATE: expected where checkpoints are kept: lmdb:FOLDER, .*found "postgres"/,
    )
    expect(state('http://me:secret@h')).toThrow(/^(?!.*secret)DRIFTLINE_STATE: expected/)
  })

  it('reads credentials', () => {
    const from = {
      KAFKA_BROKERS: 'a:1',
      KAFKA_SSL: 'true',
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD: 'p',
      KAFKA_SASL_MECHANISM: 'scram-sha-512',
    }
    expect(environment(from).kafka).toEqual({
      brokers: ['a:1'],
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' },
    })
    expect(environment({ KAFKA_BROKERS: 'a:1', KAFKA_SSL: 'false', REDIS_URL: '' })).toEqual({
      kafka: { brokers: ['a:1'] },
      schemaRegistryUrl: null,
      state: { kind: 'lmdb', folder: '.driftline/checkpoints' },
    })
  })

  it('reads how long a silent instance keeps its partitions, as long as a broker takes it', () => {
    const read = (KAFKA_SESSION_TIMEOUT: string) => environment({ KAFKA_BROKERS: 'a:1', KAFKA_SESSION_TIMEOUT }).kafka
    expect(read('1m 30s')).toEqual({ brokers: ['a:1'], sessionTimeoutMs: 90_000 })
    expect(read('')).toEqual({ brokers: ['a:1'] })
    for (const wrong of ['5s', '31m', '10', 'soon'])
      expect(() => read(wrong), wrong).toThrow(/^KAFKA_SESSION_TIMEOUT: expected how long .* 6s to 30m, found/)
  })

  it('says which variable is missing, and what to write', () => {
    const read = () => environment({})
    expect(read).toThrow(DriftlineError)
    expect(read).toThrow(/^KAFKA_BROKERS is not set: expected host:port, .*export KAFKA_BROKERS=localhost:9092/)
    expect(() => environment({ KAFKA_BROKERS: '' })).toThrow('KAFKA_BROKERS is not set')
  })

  it('names all that is wrong, and no password', () => {
    const from = {
      KAFKA_BROKERS: 'a',
      KAFKA_SSL: 'yes',
      KAFKA_PASSWORD: 'secret',
      REDIS_URL: 'h:6379',
      SCHEMA_REGISTRY_URL: 'r',
    }
    let message = ''
    try {
      environment(from)
    } catch (error) {
      message = (error as Error).message
    }
    expect(message.split('\n')).toEqual([
      expect.stringContaining('KAFKA_BROKERS: expected host:port, several separated by commas, found "a"'),
      expect.stringContaining('KAFKA_SSL: expected true or false, found "yes"'),
      'KAFKA_PASSWORD is set, but KAFKA_USERNAME is not. Set both, or neither.',
      expect.stringContaining('SCHEMA_REGISTRY_URL: expected an http URL, found "r"'),
      expect.stringContaining('REDIS_URL: expected a redis URL, found "h:6379"'),
    ])
    expect(message).not.toContain('secret')
  })

  it('reads secrets and certificates from files', () => {
    const folder = mkdtempSync(join(tmpdir(), 'driftline-environment-'))
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    }
    const from = {
      KAFKA_BROKERS: 'a:1',
      KAFKA_SSL_CA: file('ca', 'PEM'),
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD_FILE: file('password', 'p w\n'),
    }
    expect(environment(from).kafka).toEqual({
      brokers: ['a:1'],
      ssl: { ca: 'PEM' },
      sasl: { mechanism: 'plain', username: 'u', password: 'p w' },
    })
    expect(() => environment({ ...from, KAFKA_PASSWORD: 'p' })).toThrow('are both set. Unset one.')
    expect(() => environment({ ...from, KAFKA_SSL: 'false' })).toThrow('KAFKA_SSL is false')
    expect(() => environment({ ...from, KAFKA_SSL_KEY: from.KAFKA_SSL_CA })).toThrow('KAFKA_SSL_CERT and KAFKA_SSL_KEY')
    rmSync(folder, { recursive: true })
    expect(() => environment(from)).toThrow(/^KAFKA_SSL_CA: expected a PEM file .*found ".*ca"/)
  })

  it('never repeats what may be a secret: a password named as its file, a URL with a user', () => {
    const from = {
      KAFKA_BROKERS: 'a:1',
      KAFKA_USERNAME: 'u',
      KAFKA_PASSWORD_FILE: 'hunter2',
      KAFKA_SSL_KEY: 'hunter2',
      REDIS_URL: 'http://u:hunter2@h',
    }
    const read = () => environment(from)
    expect(read).toThrow(/KAFKA_PASSWORD_FILE: expected a file/)
    expect(read).toThrow(/REDIS_URL: expected a redis URL/)
    expect(read).not.toThrow(/hunter2/)
  })

  it('reads the key of hashed values, and never repeats it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'driftline-environment-'))
    const path = join(folder, 'key')
    writeFileSync(path, 'sixteen letters!\n')
    expect(privacyKey({})).toBeNull()
    expect(privacyKey({ DRIFTLINE_PRIVACY_KEY_FILE: path })).toBe('sixteen letters!')
    expect(privacyKey({ DRIFTLINE_PRIVACY_KEY: 'sixteen letters!' })).toBe('sixteen letters!')
    const both = { DRIFTLINE_PRIVACY_KEY: 'sixteen letters!', DRIFTLINE_PRIVACY_KEY_FILE: path }
    expect(() => privacyKey(both)).toThrow('DRIFTLINE_PRIVACY_KEY and DRIFTLINE_PRIVACY_KEY_FILE are both set')
    const short = () => privacyKey({ DRIFTLINE_PRIVACY_KEY: 'hunter2' })
    expect(short).toThrow('DRIFTLINE_PRIVACY_KEY has 7 characters: expected at least 16')
    expect(short).not.toThrow(/hunter2/)
    expect(() => privacyKey({ DRIFTLINE_PRIVACY_KEY_FILE: 'hunter2' })).not.toThrow(/hunter2/)
    rmSync(folder, { recursive: true })
  })

  it('overrides the copies of topics', () => {
    expect(replicationOverride({})).toBeNull()
    expect(replicationOverride({ DRIFTLINE_REPLICATION: '1' })).toBe(1)
    expect(() => replicationOverride({ DRIFTLINE_REPLICATION: '0' })).toThrow(
      /^DRIFTLINE_REPLICATION: expected a whole number from 1/,
    )
  })
})
