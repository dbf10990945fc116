import avsc from 'avsc'
import type { Activation, Baseline } from '../../src/core/baseline/baseline.js'
import type { Monitor } from '../../src/core/monitor.js'
import { built } from './built.js'
import { gauss } from './columns.js'
import { benchMonitor, buildBaseline } from './model.js'
import { SCHEMA_ID, START_MS, uniform, WINDOW_MS } from './workload.js'

const { Layout, Row } = await built<typeof import('../../src/core/row.js')>('core/row')
const { READ } = await built<typeof import('../../src/core/ports.js')>('core/ports')
const { createTopicReader } = await built<typeof import('../../src/codec/topic-reader.js')>('codec/topic-reader')

/** Many models on one topic, each with as many features, every partition with rows of each. A pane is a minute of event time. */
export interface Shape {
  readonly models: number
  /** One in six is a category, as in the workload. */
  readonly features: number
  /** Values of a segment dimension; 0: none. Each, and `other`, has all features again, and so have all rows together. */
  readonly segments: number
  readonly partitions: number
  readonly panesPartitions: number
  /** Of each model in one partition and pane. */
  readonly rows: number
  /** Panes that are fed. */
  readonly panes: number
  /** Length of a window, and how long late rows revise it, both in panes. */
  readonly size: number
  readonly reviseFor: number
  /** Number in the name of the first model; 0 unless told. */
  readonly firstModel?: number
}

export const PANE_MS = WINDOW_MS
export const GRACE_MS = 5_000
const TRAINED_ON = 4_000
/** Rows of features, drawn once and used again and again. */
const BODIES = 5_000
const VALUES = 50
/** Of the rows that drift: one feature in so many, by so many standard deviations. */
const DRIFTING = 25
const DRIFT = 1.5

/** Leaves that a part has. */
export function leavesOf({ segments }: Shape): number {
  return segments === 0 ? 1 : segments + 1
}

/** Series that are judged, of all models. */
export function seriesOf(shape: Shape): number {
  const { models, features } = shape
  return models * features * (shape.segments === 0 ? 1 : leavesOf(shape) + 1)
}

const HEAD = avsc.Type.forSchema({
  type: 'record',
  name: 'Head',
  fields: [
    { name: 'requestId', type: 'string' },
    { name: 'eventTime', type: { type: 'long', logicalType: 'timestamp-millis' } },
    { name: 'model', type: 'string' },
    { name: 'modelVersion', type: 'string' },
  ],
})

const isCategory = (feature: number): boolean => feature % 6 === 5

export class Fleet {
  readonly schemas: { get(): Promise<object> }
  readonly monitors: readonly Monitor[]
  readonly #bodies: readonly Buffer[]
  readonly #body: avsc.Type
  #drifted: readonly Buffer[] | null = null

  constructor(readonly shape: Shape) {
    const { features, models, segments } = shape
    const body = {
      type: 'record',
      name: 'Features',
      fields: [
        ...Array.from({ length: features }, (_, f) => ({
          name: `f${f}`,
          type: ['null', isCategory(f) ? 'string' : 'double'],
        })),
        ...(segments === 0 ? [] : [{ name: 'segment', type: 'string' }]),
      ],
    }
    const fields = [...(HEAD.schema() as { fields: object[] }).fields, { name: 'features', type: body }]
    const whole = { type: 'record', name: 'Served', fields }
    this.schemas = { get: async () => whole }
    this.#body = avsc.Type.forSchema(body as avsc.Schema, { wrapUnions: false })
    this.#bodies = this.#draw(0)
    this.monitors = Array.from({ length: models }, (_, model) => monitorOf(shape, this.#name(model)))
  }

  /** @param drift how far some of the features lie from where they did, standard deviations */
  #draw(drift: number): Buffer[] {
    const u = uniform(7)
    return Array.from({ length: BODIES }, () => {
      const row: Record<string, unknown> = { segment: `s${Math.floor(u() * leavesOf(this.shape))}` }
      for (let f = 0; f < this.shape.features; f++)
        row[`f${f}`] = isCategory(f)
          ? `v${Math.floor(u() ** 3 * VALUES)}`
          : f + gauss(u) + (f % DRIFTING === 1 ? drift : 0)
      return this.#body.toBuffer(row)
    })
  }

  #name(model: number): string {
    return `model-${model + (this.shape.firstModel ?? 0)}`
  }

  /** Of each model, the same but for its name. */
  async baselines(): Promise<Baseline[]> {
    const monitor = this.monitors[0]!
    const layout = new Layout(true, 1000)
    const reader = createTopicReader({ monitors: [{ monitor, layout }], schemas: this.schemas, maxBytes: 1e6 })
    const row = new Row(layout)
    const sample = Array.from({ length: TRAINED_ON }, (_, i) => this.record(0, START_MS, i))
    await reader.prepare(sample[0]!)
    const one = buildBaseline(monitor, layout, use => {
      for (const value of sample) {
        if (reader.read(value, 0, row) !== READ) throw new Error('a record of the fleet could not be read')
        use(row)
      }
    })
    return this.monitors.map(({ model }) => ({ ...one, model }))
  }

  activations(): Activation[] {
    return this.monitors.map(({ model }) => ({
      model,
      modelVersion: null,
      baseline: 1,
      from: null,
      by: 'bench',
      at: 0,
    }))
  }

  /** Rows of one partition in the order of their times, of a stretch of time: in panes since the beginning. */
  *rows(partition: number, from: number, to: number): Generator<Buffer> {
    const { models, rows, partitions } = this.shape
    const all = rows * models
    for (let i = Math.ceil(from * all); i < Math.ceil(to * all); i++)
      yield this.record(i % models, START_MS + Math.floor((i / all) * PANE_MS), i * partitions + partition)
  }

  /** @param drifts whether some of its features are not as in training */
  record(model: number, eventTime: number, id: number, drifts = false): Buffer {
    const wire = Buffer.alloc(5)
    wire.writeUInt32BE(SCHEMA_ID, 1)
    const head = HEAD.toBuffer({ requestId: `request-${id}`, eventTime, model: this.#name(model), modelVersion: 'v1' })
    // A prime stride: a model's rows are not those of the model before.
    const bodies = drifts ? (this.#drifted ??= this.#draw(DRIFT)) : this.#bodies
    return Buffer.concat([wire, head, bodies[(id * 2003) % BODIES]!])
  }
}

function monitorOf({ size, reviseFor, segments }: Shape, model: string): Monitor {
  const monitor = benchMonitor()
  return {
    ...monitor,
    model,
    serving: { ...monitor.serving, where: [{ path: ['model'], equals: model }], idleAfterMs: Number.MAX_SAFE_INTEGER },
    window: {
      ...monitor.window,
      ...{ minRows: 30, historyMinRows: 30 },
      ...{ advanceMs: PANE_MS, sizeMs: size * PANE_MS, graceMs: GRACE_MS, reviseForMs: reviseFor * PANE_MS },
    },
    segments:
      segments === 0
        ? []
        : [{ name: 'segment', path: null, values: Array.from({ length: segments }, (_, s) => `s${s}`), top: segments }],
    limits: { series: 10_000, segments: 50 },
  }
}
