import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Batch } from '../../src/core/ports.js'
import { until } from '../integration/cli-process.js'
import type { Broker } from './broker.js'
import { built } from './built.js'
import type { Closings, Stretch } from './delays.js'
import type { Load } from './soak-load.js'

const { ALERT_TYPE } = await built<typeof import('../../src/codec/alert.js')>('codec/alert')
const { VERDICT_TYPE } = await built<typeof import('../../src/codec/verdict.js')>('codec/verdict')
const { decodeCommit } = await built<typeof import('../../src/codec/commit.js')>('codec/commit')
const { decodeDeadLetter, letterId } = await built<typeof import('../../src/codec/dead-letter.js')>('codec/dead-letter')
const { PublicDecoder } = await built<typeof import('../../src/codec/public-decoder.js')>('codec/public-decoder')
const { registrySchemas } = await built<typeof import('../../src/codec/writer-schemas.js')>('codec/writer-schemas')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

const PATIENCE_MS = 240_000
/** One of them: its verdicts have the rows of all windows. */
const FEATURE = /\/f0$/

/** What the line has made of the records. */
export interface Outcome {
  readonly aggregated: number
  readonly late: number
  readonly open: number
  /** Rows of all windows, each at its last revision. */
  readonly inWindows: number
  readonly windows: number
  /** From when a window could close to when the log had what is said of it. */
  readonly verdicts: readonly Stretch[]
  readonly alerts: readonly Stretch[]
}

/**
 * Every record is in the commits' counts as the load says, every row that they count in a window, every poison record a dead letter. Throws where
 * not: that is no matter of speed.
 */
export async function check(
  broker: Broker,
  topic: string,
  group: string,
  load: Load,
  closings: Closings,
): Promise<Outcome> {
  const sums = await counted(broker, topic, `${group}.summarize.${topic}`, load)
  await buried(broker, load)
  const due = sums.aggregated - sums.open
  const told = new Told(broker, closings)
  const verdicts = await broker.log.follow(topics.VERDICTS, batch => told.take(batch))
  const isTold = async (): Promise<boolean> => {
    await verdicts.catchUp()
    return (await told.windows()).rows >= due
  }
  await until(isTold, PATIENCE_MS, () => `windows do not have all of ${due} rows: ${broker.logs}`)
  const alerts = await broker.log.follow(topics.ALERTS, batch => told.take(batch))
  await alerts.catchUp()
  const { rows, count } = await told.windows()
  await Promise.all([verdicts.stop(), alerts.stop()])
  if (rows !== due) throw new Error(`windows have ${rows} rows, and ${due} were counted for them`)
  return { ...sums, inWindows: rows, windows: count, verdicts: told.verdicts, alerts: told.alerts }
}

async function counted(broker: Broker, topic: string, groupId: string, load: Load) {
  const partitions = async () => (await broker.admin.fetchOffsets({ groupId, topics: [topic] }))[0]!.partitions
  const read = async () => (await partitions()).reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0)
  await until(
    async () => (await read()) === load.sent,
    PATIENCE_MS,
    () => `not all ${load.sent} records are read: ${broker.logs}`,
  )
  const sums = { aggregated: 0, late: 0, open: 0 }
  for (const { partition, offset, metadata } of await partitions())
    for (const { counts, open } of decodeCommit(metadata ?? '').progress) {
      const { aggregated, late, rejected, notSelected, gap } = counts
      if (aggregated + late + rejected + notSelected !== Number(offset) || gap > 0)
        throw new Error(`partition ${partition}: ${JSON.stringify(counts)}, and ${offset} were read`)
      sums.aggregated += aggregated
      sums.late += late
      sums.open += open
    }
  const { aggregated, late } = load
  if (sums.aggregated !== aggregated || sums.late !== late)
    throw new Error(
      `${JSON.stringify(sums)} were counted, and the load has ${aggregated} rows in time and ${late} late`,
    )
  return sums
}

/** Each poison record has its dead letter; a tombstone has none. After a kill some have two. */
async function buried(broker: Broker, load: Load): Promise<void> {
  const causes = new Map<string, string>()
  const letters = await broker.log.follow(topics.DEAD_LETTERS, batch => {
    for (let i = 0; i < batch.size; i++) {
      const letter = decodeDeadLetter(batch.headers(i))
      if (letter !== null) causes.set(letterId(letter), letter.cause)
    }
  })
  await letters.catchUp()
  await letters.stop()
  for (const [cause, sent] of load.poisoned) {
    const found = [...causes.values()].filter(one => one === cause).length
    if (found !== (cause === 'tombstone' ? 0 : sent))
      throw new Error(`${sent} records were ${cause}, and ${found} dead letters are`)
  }
}

/** What verdicts say of the rows of windows, and when the log took verdicts and alerts. */
class Told {
  readonly verdicts: Stretch[] = []
  readonly alerts: Stretch[] = []
  readonly #decoder: InstanceType<typeof PublicDecoder>
  readonly #last = new Map<string, VerdictEvent['window']>()
  /** End of the newest window of each series: an older one comes as a revision. */
  readonly #newest = new Map<string, number>()
  readonly #decoding: Promise<void>[] = []

  constructor(
    broker: Broker,
    private readonly closings: Closings,
  ) {
    this.#decoder = new PublicDecoder(registrySchemas(broker.registryUrl))
  }

  /** Events in the order of the log, which has stamped them. */
  take(batch: Batch): void {
    for (let i = 0; i < batch.size; i++) {
      const headers = batch.headers(i)
      const said = (name: string): string => Buffer.from(headers[name] ?? []).toString()
      const type = said('ce_type')
      const subject = said('ce_subject')
      const end = Date.parse(said('ce_time'))
      const from = this.closings.of(end)
      const delay = from === undefined ? [] : [{ from, to: batch.timestamp(i) }]
      if (type === ALERT_TYPE) this.alerts.push(...delay)
      if (type !== VERDICT_TYPE) continue
      if (end > (this.#newest.get(subject) ?? 0)) {
        this.#newest.set(subject, end)
        this.verdicts.push(...delay)
      }
      if (FEATURE.test(subject)) this.#decode({ ...headers }, new Uint8Array(batch.value(i)!))
    }
  }

  /** Rows of all windows, each at its last revision. */
  async windows(): Promise<{ rows: number; count: number }> {
    await Promise.all(this.#decoding.splice(0))
    return { rows: [...this.#last.values()].reduce((sum, { rows }) => sum + rows, 0), count: this.#last.size }
  }

  #decode(headers: Readonly<Record<string, Uint8Array>>, value: Uint8Array): void {
    this.#decoding.push(
      this.#decoder.decode(headers, value).then(one => {
        const { series, window } = one!.event as VerdictEvent
        const key = `${series.model}/${window.end}`
        if (window.revision >= (this.#last.get(key)?.revision ?? 0)) this.#last.set(key, window)
      }),
    )
  }
}
