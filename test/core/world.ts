import { decodeCheckpoint, encodeCheckpoint } from '../../src/codec/checkpoint.js'
import { encodeOpenPart } from '../../src/codec/open-part.js'
import type { Progress } from '../../src/core/intake.js'
import type { Monitor } from '../../src/core/monitor.js'
import { PanePlanner } from '../../src/core/planner.js'
import { Layout, NUMBER, Row } from '../../src/core/row.js'
import { Summarizer } from '../../src/core/summarize.js'
import { Collector, type CollectorState, type DueWindow } from '../../src/core/window/collector.js'
import type { Marker } from '../../src/core/window/marker.js'
import type { Part } from '../../src/core/window/part.js'
import { plainMonitor } from '../monitors.js'
import { type Random, seeded } from '../random.js'

/** A record: its id is the value of its only feature, so that a window's content can be read off the exact counts. */
export interface Rec {
  readonly id: number
  readonly time: number
  readonly bad: boolean
}

export interface WorldConfig {
  readonly advance: number
  readonly size: number
  readonly grace: number
  readonly revise: number
}

/** What one verdict was taken over: window end, revision, and the ids in it. */
export type Seen = Map<string, number[]>

/** Times as the model has them, far enough from zero to be plausible. */
const EPOCH = 1_700_000_000_000 - (1_700_000_000_000 % 1000)

export function monitorOf({ advance, size, grace, revise }: WorldConfig): Monitor {
  return plainMonitor({
    serving: { topic: 't', format: 'json', key: ['k'], time: { path: ['t'], unit: 'ms' } },
    window: { sizeMs: size, advanceMs: advance, graceMs: grace, reviseForMs: revise },
    features: new Map([
      ['id', { kind: 'numeric', unit: null, importance: null, range: null, runbook: null, checks: {} }],
    ]),
  })
}

/** Random partitions of records, some later than grace, some bad. */
export function makeSource(random: Random): { config: WorldConfig; partitions: Rec[][] } {
  const advance = 10
  const config = {
    advance,
    size: advance * random.pick([1, 1, 2, 3]),
    grace: random.pick([0, 5, 10]),
    revise: advance * random.pick([0, 2, 4]),
  }
  let id = 0
  const partitions = Array.from({ length: random.integer(1, 3) }, () => {
    let base = random.integer(0, 15)
    return Array.from({ length: random.integer(6, 40) }, () => {
      base += random.pick([0, 1, 2, 4, 9])
      const late = random.chance(0.2) ? config.grace + config.revise + 25 : config.grace
      return { id: id++, time: EPOCH + base - random.integer(0, late), bad: random.chance(0.05) }
    })
  })
  return { config, partitions }
}

/** What becomes of a task at its crash: from which of its checkpoints the next owner goes on. */
export type From = 'latest' | 'stale' | 'none'

interface Task {
  readonly summarizer: Summarizer
  readonly commit: { readonly progress: Progress; readonly offset: number } | null
}

/** The protocol over rows that crash and come back; messages go through one panes partition. */
export class World {
  readonly #monitor: Monitor
  readonly #tasks: Task[]
  /** All that were ever written, by partition; a store that is down keeps none. */
  readonly #checkpoints: { readonly nextOffset: number; readonly bytes: Uint8Array }[][]
  resumed = 0
  readonly #messages: ({ part: Part } | { marker: Marker })[] = []
  #collector: Collector
  #read = 0
  #saved: { state: CollectorState; position: number } | null = null
  readonly seen: Seen = new Map()
  readonly conflicts: string[] = []

  constructor(
    readonly config: WorldConfig,
    readonly partitions: readonly Rec[][],
    private readonly random: Random,
    private readonly restoring: readonly From[] = ['none'],
  ) {
    this.#monitor = monitorOf(config)
    this.#collector = new Collector(this.#monitor.window)
    this.#tasks = partitions.map((_, p) => ({ summarizer: this.#summarizer(p, 0), commit: null }))
    this.#checkpoints = partitions.map(() => [])
  }

  get counts() {
    const sum = { aggregated: 0, late: 0, rejected: 0 }
    for (const { summarizer } of this.#tasks)
      for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += summarizer.counts[key]
    return sum
  }

  get expired(): number {
    return this.#collector.expired
  }

  /** One random step: a batch, a publication cut short, a crash of a task, a restart of stage 2, or some messages read. */
  step(crashes: boolean): void {
    const p = this.random.integer(0, this.partitions.length - 1)
    const a = this.random.chance
    if (a(0.6)) this.#batch(p, crashes)
    else if (crashes && a(0.25)) this.#crash(p)
    else if (crashes && a(0.2)) this.#restartCollector()
    else this.#deliver(this.random.integer(1, 4))
  }

  /** Reads everything to the end, then closes. */
  finish(): void {
    for (let p = 0; p < this.partitions.length; p++) while (this.#batch(p, false)) {}
    for (const [p, { summarizer }] of this.#tasks.entries()) this.#publish(p, summarizer.finish(), 1)
    this.#deliver(Number.POSITIVE_INFINITY)
  }

  #summarizer(p: number, offset: number): Summarizer {
    const layout = new Layout(true, 10)
    layout.versions.add('default')
    return new Summarizer(
      this.#monitor,
      layout,
      { topic: 't', partition: p },
      new PanePlanner(this.#monitor, layout),
      offset,
    )
  }

  #row(summarizer: Summarizer, record: Rec): Row {
    const row = new Row(summarizer.layout)
    row.time = record.time
    row.flags[0] = NUMBER
    row.numbers[0] = record.id
    return row
  }

  #batch(p: number, cut: boolean): boolean {
    const { summarizer } = this.#tasks[p]
    const records = this.partitions[p].slice(summarizer.nextOffset, summarizer.nextOffset + this.random.integer(1, 6))
    for (const record of records) {
      const offset = summarizer.nextOffset
      if (record.bad) summarizer.skip('rejected', offset)
      else summarizer.observe(this.#row(summarizer, record), offset)
    }
    const acked = cut && this.random.chance(0.2) ? this.random.integer(0, 2) / 2 : 1
    this.#publish(p, summarizer.drain(), acked)
    if (acked < 1) this.#crash(p)
    else {
      if (this.random.chance(0.4)) this.#checkpoint(p)
      // Here too a task may die: its checkpoint is then ahead of its commit.
      if (cut && this.random.chance(0.1)) this.#crash(p)
      else if (this.random.chance(0.6))
        this.#tasks[p] = { summarizer, commit: { progress: summarizer.commit(), offset: summarizer.nextOffset } }
    }
    return records.length > 0
  }

  /** @param acked 1: everything is written; less: the task dies after that share of its parts, before the marker */
  #publish(p: number, parts: readonly Part[], acked: number): void {
    const { summarizer } = this.#tasks[p]
    for (const part of parts.slice(0, Math.ceil(acked * parts.length))) this.#messages.push({ part })
    if (acked < 1) return
    const monitors = [summarizer.progress(false, Number.NEGATIVE_INFINITY)]
    const marker = {
      topic: 't',
      partition: p,
      partitions: this.partitions.length,
      nextOffset: summarizer.nextOffset,
      monitors,
    }
    this.#messages.push({ marker })
  }

  #crash(p: number): void {
    const { commit } = this.#tasks[p]
    const summarizer = this.#summarizer(p, commit?.offset ?? 0)
    if (!this.#resumes(summarizer, p) && commit !== null) {
      summarizer.restore(commit.progress, commit.offset, 0)
      for (let offset = commit.progress.oldest; offset < commit.offset; offset++) {
        const record = this.partitions[p][offset]
        if (!record.bad) summarizer.rebuild(this.#row(summarizer, record), offset)
      }
    }
    this.#tasks[p] = { summarizer, commit }
  }

  #checkpoint(p: number): void {
    const { summarizer } = this.#tasks[p]
    const { nextOffset, layout, gapped } = summarizer
    const kept = this.#checkpoints[p]
    if (kept.length > 0 && kept.at(-1)!.nextOffset >= nextOffset) return
    const parts = summarizer.openParts.map(part => encodeOpenPart(part.open(layout)))
    const bytes = encodeCheckpoint([{ progress: summarizer.commit(), gapped, suspicious: 0, parts }])
    kept.push({ nextOffset, bytes })
  }

  #resumes(summarizer: Summarizer, p: number): boolean {
    const kept = this.#checkpoints[p]
    const from = this.random.pick(this.restoring)
    const checkpoint =
      from === 'none' ? undefined : from === 'latest' ? kept.at(-1) : kept[this.random.integer(0, kept.length - 1)]
    if (checkpoint === undefined) return false
    this.resumed++
    return summarizer.resume(decodeCheckpoint(checkpoint.bytes)![0], checkpoint.nextOffset)
  }

  #deliver(most: number): void {
    for (let i = 0; i < most && this.#read < this.#messages.length; i++) {
      const message = this.#messages[this.#read++]
      if ('part' in message) this.#collector.add(message.part)
      else for (const due of this.#collector.advance(message.marker, message.marker.monitors[0])) this.#see(due)
    }
    if (this.random.chance(0.3)) this.#saved = { state: structuredClone(this.#collector.state()), position: this.#read }
  }

  /** Stage 2 dies: its state comes from what was saved, its parts from the log, and the rest is read again. */
  #restartCollector(): void {
    this.#collector = new Collector(this.#monitor.window)
    this.#read = 0
    if (this.#saved === null) return
    const { state, position } = this.#saved
    this.#collector.restore(state)
    for (; this.#read < position; this.#read++) {
      const message = this.#messages[this.#read]
      if ('part' in message) this.#collector.reload(message.part, state)
    }
  }

  #see({ end, revision, parts }: DueWindow): void {
    const ids = parts.flatMap(part => [...part.leaves[0].features[0].numeric!.exact!.values]).sort((a, b) => a - b)
    const key = `${end - EPOCH}/${revision}`
    const known = this.seen.get(key)
    if (known !== undefined && known.join() !== ids.join())
      this.conflicts.push(`${key}: ${known.join()} and ${ids.join()}`)
    this.seen.set(key, ids)
  }
}

/** What any run must give, recomputed without any of the above: each partition's rows by their own watermark. */
export function expected({ advance, size, grace, revise }: WorldConfig, partitions: readonly Rec[][]) {
  const counts = { aggregated: 0, late: 0, rejected: 0 }
  const rows: { id: number; pane: number; boundary: number }[] = []
  for (const records of partitions) {
    let highest = Number.NEGATIVE_INFINITY
    for (const { id, time, bad } of records) {
      if (bad) {
        counts.rejected++
        continue
      }
      const pane = Math.floor((time - EPOCH) / advance) * advance
      let boundary = pane + advance
      while (highest - EPOCH >= boundary + grace) boundary += advance
      if (boundary > pane + advance + revise) counts.late++
      else {
        counts.aggregated++
        rows.push({ id, pane, boundary })
      }
      highest = Math.max(highest, time)
    }
  }
  const windows: Seen = new Map()
  const ends = new Set(
    rows.flatMap(({ pane }) => Array.from({ length: size / advance }, (_, i) => pane + (i + 1) * advance)),
  )
  for (const end of ends) {
    const mine = rows.filter(({ pane }) => pane >= end - size && pane < end)
    for (const k of new Set(mine.map(({ boundary }) => Math.max(0, (boundary - end) / advance)))) {
      const ids = mine.filter(({ boundary }) => boundary <= end + k * advance).map(({ id }) => id)
      windows.set(
        `${end}/${k}`,
        ids.sort((a, b) => a - b),
      )
    }
  }
  return { windows, counts }
}

export const randomFor = (seed: number): Random => seeded(seed)
