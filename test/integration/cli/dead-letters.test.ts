import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { deadLettersCommand } from '../../../src/cli/dead-letters.js'
import { deadLetter } from '../../../src/codec/dead-letter.js'
import type { OutgoingRecord } from '../../../src/core/ports.js'
import type { Rejection } from '../../../src/core/rejection.js'
import { EmbeddedPartition } from '../../../src/log/embedded-partition.js'
import { KafkaLog } from '../../../src/log/kafka/kafka-log.js'
import { brokers, createTopic, fresh, records } from '../kafka.js'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }
const HOUR = 3_600_000
const NOW = Date.now()

const good = { requestId: 'r1', eventTime: NOW, features: { fare: 3 } }
const BYTES = Buffer.from([0, 255, 1, 2, 3, 250])

/** Rejected some hours ago, of partition 1. */
const REJECTED: readonly (readonly [Rejection, Uint8Array, hoursAgo: number, headers?: Record<string, string>])[] = [
  ['not-json', Buffer.from('fare=3'), 5],
  ['key-missing', Buffer.from(JSON.stringify({ ...good, requestId: null })), 4],
  ['event-time-implausible', Buffer.from(JSON.stringify(good)), 3, { trace: 't2' }],
  ['truncated', BYTES, 2],
  ['not-json', Buffer.from(JSON.stringify(good)), 1, { driftline_replay_of: 'rides-0-7' }],
]

describe('dead letters on the command line', () => {
  let letters: string
  let rides: string
  let log: KafkaLog
  const id = (offset: number): string => `${rides}-1-${offset}`

  beforeAll(async () => {
    log = new KafkaLog({ brokers: brokers(), logger: quiet })
    letters = await createTopic('dead-letters', 2)
    rides = await createTopic('rides', 2)
    const source = new EmbeddedPartition(rides, 1, 100)
    for (const [, value, , headers] of REJECTED)
      source.append({ key: 'taxi-7', value, ...(headers && { headers }) }, NOW - 6 * HOUR)
    const batch = source.read(0)!
    const all = REJECTED.map(([cause, , hoursAgo], i) => deadLetter(batch, i, cause, NOW - hoursAgo * HOUR))
    // The first was written twice, as by a service killed before its commit.
    await log.append(letters, [...all, all[0] as OutgoingRecord])
    return () => log.close()
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  async function run(...args: string[]): Promise<string> {
    vi.stubEnv('KAFKA_BROKERS', brokers().join(','))
    vi.stubEnv('SCHEMA_REGISTRY_URL', '')
    let out = ''
    vi.spyOn(process.stdout, 'write').mockImplementation(text => {
      out += text
      return true
    })
    await deadLettersCommand().parseAsync([...args, '--dead-letters', letters], { from: 'user' })
    return out
  }
  const lines = async (...args: string[]) =>
    (await run(...args, '--json'))
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
  const ends = async () => (await log.offsets(rides)).map(({ end }) => end)

  it('lists each once, the newest last, and counts them by cause', async () => {
    const all = await lines('list')
    expect(all.slice(0, -1).map(one => [one.id, one.cause, one.replayed])).toEqual(
      REJECTED.map(([cause], i) => [id(i), cause, false]),
    )
    expect(all.at(-1)).toEqual({
      shown: 5,
      causes: { 'not-json': 2, 'key-missing': 1, 'event-time-implausible': 1, truncated: 1 },
    })
    expect(await run('list', '--limit', '1')).toMatch(/of rides-0-7\n\n5 dead letters: 2 not-json, /)
  })

  it('filters by cause, topic and time', async () => {
    const shown = async (...args: string[]) => (await lines('list', ...args)).slice(0, -1).map(one => one.offset)
    expect(await shown('--cause', 'truncated', 'key-missing')).toEqual([1, 3])
    expect(await shown('--topic', 'another')).toEqual([])
    const [from, until] = [4.5, 1.5].map(hours => new Date(NOW - hours * HOUR).toISOString())
    expect(await shown('--since', from!, '--until', until!)).toEqual([1, 2, 3])
  })

  it('shows one with remedy, headers, bytes and what they say', async () => {
    expect(await run('show', id(2))).toMatch(
      /remedy .*event time is before 1990[\s\S]*header +trace: t2[\s\S]*JSON: \{"requestId":"r1"/,
    )
    expect(await run('show', id(3))).toMatch(/not decoded[\s\S]*00000000 {2}00 ff 01 02 03 fa +\|\.+\|/)
    const [one] = await lines('show', id(3))
    expect([one.cause, one.value, one.decoded]).toEqual(['truncated', BYTES.toString('base64'), null])
  })

  it('says what would be replayed, and writes nothing', async () => {
    const [dry] = await lines('replay', '--dry-run')
    expect(dry).toMatchObject({
      dryRun: true,
      causes: { 'not-json': { replayed: 1, 'a replay itself': 1 }, truncated: { unrepairable: 1 } },
    })
    expect(await ends()).toEqual([0, 0])
  })

  it('replays what the monitors can read now, as it came and marked, and each once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'driftline-letters-'))
    const monitor = join(folder, 'rides.yaml')
    await writeFile(
      monitor,
      `apiVersion: driftline/v1
model: rides
serving: { topic: ${rides}, format: json, key: requestId, time: eventTime, features: "features.*" }
window: { size: 1h }
`,
    )
    const [first] = await lines('replay', '--monitors', monitor)
    await rm(folder, { recursive: true })
    expect(first.causes).toEqual({
      'not-json': { 'still rejected': 1, 'a replay itself': 1 },
      'key-missing': { 'still rejected': 1 },
      'event-time-implausible': { replayed: 1 },
      truncated: { unrepairable: 1 },
    })
    const [record] = await records(rides, 1)
    expect([record!.partition, String(record!.key), JSON.parse(String(record!.value))]).toEqual([1, 'taxi-7', good])
    expect(record!.headers).toEqual({ trace: Buffer.from('t2'), driftline_replay_of: Buffer.from(id(2)) })

    const [again] = await lines('replay', id(2))
    expect(again.causes).toEqual({ 'event-time-implausible': { 'replayed before': 1 } })
    expect(await ends()).toEqual([0, 1])
    expect((await lines('list')).find(one => one.id === id(2)).replayed).toBe(true)
    expect(await run('show', id(2))).toMatch(/replayed +20.* by /)
  })

  it('replays anything by force', async () => {
    expect(await run('replay', id(2), id(4), '--force')).toMatch(/replayed[\s\S]*event-time-implausible +1/)
    expect(await ends()).toEqual([0, 3])
  })

  it('says what is wrong', async () => {
    await expect(run('list', '--limit', '0')).rejects.toThrow(/--limit 0: expected/)
    await expect(run('list', '--since', 'soon')).rejects.toThrow(/--since soon: expected/)
    await expect(run('list', '--since', '1h', '--until', '2h')).rejects.toThrow(/--until 2h is not after --since 1h/)
    await expect(run('show', 'nope')).rejects.toThrow(/no dead letter with the id nope/)
    await expect(run('replay', 'nope')).rejects.toThrow(/no dead letter with the id nope/)
    letters = fresh('no-such')
    await expect(run('list')).rejects.toThrow(/no topic "no-such-.*driftline topics apply/)
  })
})
