import avsc from 'avsc'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { Log } from '../../src/core/ports.js'
import { until } from '../integration/cli-process.js'
import { Broker, monitorFile } from './broker.js'
import { built } from './built.js'
import type { Figure, Piece } from './figures.js'
import type { Instance } from './instances.js'
import { benchBaseline, benchMonitor } from './model.js'
import { CATEGORICAL, NUMERIC, records, SCHEMA, START_MS, WINDOW_MS, WINDOWS } from './workload.js'

const { PublicDecoder } = await built<typeof import('../../src/codec/public-decoder.js')>('codec/public-decoder')
const { registrySchemas } = await built<typeof import('../../src/codec/writer-schemas.js')>('codec/writer-schemas')
const topics = await built<typeof import('../../src/service/topics.js')>('service/topics')

const INSTANCES = [1, 2, 4] as const
const PARTITIONS = 8
/** As long as the workload's own, in whose place they are written; they lie in three of the four panes partitions. */
const OWN = 'credit-risk'
const MODELS = ['credit-rsk0', 'credit-rsk1', 'credit-rsk2', 'credit-rsk3'] as const
const TOPIC = 'scale-out-served'
const AT_ONCE = 4000
const PATIENCE_MS = 240_000
/** Of each model: one a feature, and one of the rows themselves. */
const SERIES = NUMERIC.length + CATEGORICAL.length + 1

interface Run {
  readonly instances: number
  /** CPU-seconds of all processes together, from when they were ready to the last verdict, and until then. */
  readonly cpu: number
  readonly start: number
  readonly residentMb: readonly number[]
  /** Share of the records that each instance has read. */
  readonly shares: readonly number[]
  /** Content by id. */
  readonly verdicts: ReadonlyMap<string, string>
}

/** The same records through one, two and four instances on a broker: what they say must be the same, and what they cost is told. */
export async function scaleOut(count: number): Promise<Piece> {
  const runs: Run[] = []
  for (const instances of INSTANCES) {
    // Each on a broker of its own: nothing of the run before is found.
    const broker = await Broker.start(Object.fromEntries(MODELS.map(model => [model, monitorFile(model, TOPIC, 0)])))
    try {
      runs.push(await run(broker, instances, count))
    } finally {
      await broker.stop()
    }
  }
  return report(count, runs)
}

async function run(broker: Broker, instances: number, count: number): Promise<Run> {
  const schema = await broker.register(TOPIC, SCHEMA)
  await broker.topics(TOPIC, PARTITIONS)
  const baseline = await benchBaseline(benchMonitor(TOPIC))
  await broker.train(MODELS.map(model => ({ ...baseline, model })))
  const running: Instance[] = []
  for (let i = 0; i < instances; i++) running.push(await broker.up('scale-out', 'none'))
  await Promise.all(running.map(instance => instance.ready()))
  const start = await Promise.all(running.map(instance => instance.usage()))
  await send(broker.log, schema, count)
  const verdicts = await verdictsOf(broker)
  const end = await Promise.all(running.map(instance => instance.usage()))
  const read = await Promise.all(running.map(one => one.metric('driftline_records_total', { model: MODELS[0] })))
  const all = read.reduce((sum, one) => sum + one, 0)
  const sum = (some: readonly { cpu: number }[]): number => some.reduce((total, { cpu }) => total + cpu, 0)
  return {
    ...{ instances, verdicts, start: sum(start), cpu: sum(end) - sum(start) },
    residentMb: end.map(({ mostResidentMb }) => mostResidentMb),
    shares: read.map(one => one / all),
  }
}

/** The workload, each record of one of the models; then, in each partition, one of each that closes all windows. */
async function send(log: Log, schema: number, count: number): Promise<void> {
  let some: { key: null; partition: number; value: Buffer }[] = []
  const flush = async (): Promise<void> => {
    await log.append(TOPIC, some)
    some = []
  }
  let i = 0
  for (const { partition, value } of records(count)) {
    const bytes = Buffer.from(value)
    bytes.writeUInt32BE(schema, 1)
    bytes.write(MODELS[(i >> 1) % MODELS.length]!, bytes.indexOf(OWN), 'latin1')
    some.push({ key: null, partition: 2 * partition + (i++ % 2), value: bytes })
    if (some.length === AT_ONCE) await flush()
  }
  const wire = Buffer.alloc(5)
  wire.writeUInt32BE(schema, 1)
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const model of MODELS)
      some.push({ key: null, partition, value: Buffer.concat([wire, closing(model, `${model}-${partition}`)]) })
  await flush()
}

/** A minute after all others. */
function closing(model: string, requestId: string): Buffer {
  const features = Object.fromEntries([...NUMERIC, ...CATEGORICAL].map(name => [name, null]))
  const eventTime = START_MS + (WINDOWS + 1) * WINDOW_MS
  const event = { requestId, entityId: requestId, eventTime, model, modelVersion: '2026-01-02', features }
  return avsc.Type.forSchema(SCHEMA as avsc.Schema).toBuffer(event)
}

/** Every verdict that is due, by id; waits until they are there. */
async function verdictsOf(broker: Broker): Promise<Map<string, string>> {
  const decoder = new PublicDecoder(registrySchemas(broker.registryUrl))
  const found = new Map<string, string>()
  const decoding: Promise<void>[] = []
  const following = await broker.log.follow(topics.VERDICTS, batch => {
    for (let i = 0; i < batch.size; i++)
      decoding.push(
        decoder.decode({ ...batch.headers(i) }, new Uint8Array(batch.value(i)!)).then(one => {
          const event = one!.event as VerdictEvent
          found.set(event.id, contentOf(event))
        }),
      )
  })
  const due = MODELS.length * WINDOWS * SERIES
  const isComplete = async (): Promise<boolean> => {
    await following.catchUp()
    await Promise.all(decoding.splice(0))
    return found.size >= due
  }
  await until(isComplete, PATIENCE_MS, () => `${found.size} verdicts of ${due}: ${broker.logs}`)
  await following.stop()
  return found
}

/** Late and rejected records are told as of the newest markers. */
function contentOf({ window: { late: _, rejected: __, ...window }, ...verdict }: VerdictEvent): string {
  return JSON.stringify({ ...verdict, window })
}

function report(count: number, runs: readonly Run[]): Piece {
  const [one] = runs as [Run, ...Run[]]
  for (const run of runs.slice(1)) same(one, run)
  const perMillion = ({ cpu }: Run): number => (1e6 * cpu) / count
  return {
    title: `scale-out: ${INSTANCES.join(', ')} instances on ${PARTITIONS} partitions of a broker`,
    how: [
      `${count.toLocaleString('en')} records of 277 bytes of ${MODELS.length} models, ${WINDOWS} windows, both stages, no state store; \`driftline up\` as it is started`,
      'user and system time of the whole processes, from when all were ready to the last verdict; one run each',
      `${one.verdicts.size.toLocaleString('en')} verdicts: the same ids with the same contents, by however many instances`,
    ],
    against: 'one instance',
    figures: runs.flatMap((run): Figure[] => [
      {
        what: named(run.instances),
        value: perMillion(run),
        unit: 'CPU-s per million',
        ratio: run.cpu / one.cpu,
      },
      { what: '  until all are ready, beside it', value: run.start, unit: 'CPU-s', ratio: run.start / one.start },
      { what: '  resident at most, the largest', value: Math.max(...run.residentMb), unit: 'MB' },
      { what: '  the largest share of the records', value: 100 * Math.max(...run.shares), unit: '%' },
    ]),
  }
}

function named(instances: number): string {
  return instances === 1 ? 'one instance' : `${instances} instances together`
}

/** Whoever says something else has lost or doubled something: that is no matter of speed. */
function same(one: Run, other: Run): void {
  const [[id, content] = ['', '']] = [...one.verdicts].filter(([key, text]) => other.verdicts.get(key) !== text)
  const more = [...other.verdicts.keys()].filter(key => !one.verdicts.has(key))
  if (id === '' && more.length === 0) return
  const what = id === '' ? `${more.length} verdicts more` : `${content}\nand not\n${other.verdicts.get(id)}`
  throw new Error(`${other.instances} instances do not say what one says: ${what}`)
}
