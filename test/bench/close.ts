import type { Log, OutgoingRecord } from '../../src/core/ports.js'
import type { Marker } from '../../src/core/window/marker.js'
import type { Part } from '../../src/core/window/part.js'
import { built } from './built.js'
import { cpuSeconds } from './cpu.js'
import type { Figure, Piece } from './figures.js'
import { bytesInUse } from './heap.js'
import { ACTIVATION, benchMonitor } from './model.js'
import { wideWindows } from './wide.js'
import { WINDOW_MS } from './workload.js'

const { Evaluation } = await built<typeof import('../../src/core/evaluate.js')>('core/evaluate')
const { encodePart, PartAssembler } = await built<typeof import('../../src/codec/part.js')>('codec/part')
const { decodeInternal } = await built<typeof import('../../src/codec/internal.js')>('codec/internal')
const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
const { ids } = await built<typeof import('../../src/service/ids.js')>('service/ids')
const { StateTable } = await built<typeof import('../../src/service/state-table.js')>('service/state-table')

const SERIES = 1000
const ROWS = 4000
/** Windows of other rows, again and again. */
const CONTENTS = 3
const WINDOWS = 80
/** Series are judged by their training alone; by 60 windows of their own, as many as are kept. */
const FIRST: readonly [number, number] = [4, 12]
const FULL: readonly [number, number] = [68, WINDOWS]
/** Between these each window is one more in every series' reference. */
const GROWING: readonly [number, number] = [20, 60]
const NOTHING_OPEN = { oldest: 0, roundStart: 0, open: 0, gaps: [] }
const NOTHING = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }
const GOAL = { of: 'value', atMost: 150 } as const

type Steps = Record<'decode' | 'judge' | 'encode' | 'whole' | 'cpu' | 'save', number>

/** Stage 2 closes one window after the other. */
export async function close(): Promise<Piece> {
  const monitor = benchMonitor()
  const { baseline, windows } = wideWindows(monitor, SERIES, ROWS, CONTENTS)
  const evaluation = new Evaluation(monitor, { ids, software: 'bench', alertsFrom: Number.NEGATIVE_INFINITY })
  evaluation.know([baseline])
  evaluation.activate(ACTIVATION)
  const encoder = jsonEncoder()
  const assembler = new PartAssembler()
  const states = await StateTable.follow(NOWHERE)
  const times: Steps[] = []
  const heap: number[] = []
  let bytes = 0
  for (let w = 0; w < WINDOWS; w++) {
    if (GROWING.includes(w)) heap[w] = bytesInUse()
    const parts = windows[w % CONTENTS]!
    const messages = parts.flatMap(part => encodePart(shifted(part, w)))
    bytes = messages.reduce((sum, { value }) => sum + value!.length, 0)
    const cpu = process.cpuUsage()
    const start = performance.now()
    for (const [offset, message] of messages.entries()) {
      const read = decodeInternal(headersOf(message), message.value)
      if (read?.type !== 'part') throw new Error('a part could not be read')
      const part = assembler.add(read.chunk, offset)
      if (part !== null) evaluation.add(part)
    }
    const decoded = performance.now()
    const watermark = parts[0]!.pane + w * WINDOW_MS + WINDOW_MS + monitor.window.graceMs
    const { model, version } = monitor
    const progress = {
      model,
      monitor: version,
      side: 'serving' as const,
      watermark,
      idle: false,
      closeTo: -Infinity,
      counts: NOTHING,
      ...NOTHING_OPEN,
    }
    const written: OutgoingRecord[] = []
    let encoding = 0
    for (const { partition } of parts) {
      const nextOffset = ROWS * (w + 1)
      const marker: Marker = { topic: 'bench', partition, partitions: 4, nextOffset, monitors: [progress] }
      // As stage 2 does: what is said of some series is written before the next are judged, and kept to be sent together.
      for (const { verdicts } of evaluation.steps(marker, progress)) {
        const before = performance.now()
        for (const event of verdicts) written.push(encoder.verdict(event))
        encoding += performance.now() - before
      }
    }
    const end = performance.now()
    const used = cpuSeconds(cpu)
    // One more is that of the rows themselves.
    if (written.length !== SERIES + 1) throw new Error(`${written.length} verdicts for ${SERIES} series`)
    const saving = process.cpuUsage()
    await states.save(0, [{ model, monitor: version, position: w, oldest: 0, state: evaluation.state() }])
    times.push({
      decode: decoded - start,
      judge: end - decoded - encoding,
      encode: encoding,
      whole: end - start,
      cpu: 1000 * used,
      save: 1000 * cpuSeconds(saving),
    })
  }
  const [from, to] = GROWING
  const keptBytes = (40 * (heap[to]! - heap[from]!)) / (to - from) / SERIES
  return {
    title: `close a window of ${SERIES} series`,
    how: [
      `parts of 4 partitions of ${ROWS} rows (${(bytes / 1e6).toFixed(1)} MB), 5 in 6 series numeric, against a baseline`,
      `${WINDOWS} windows in turn, medians: of windows ${FIRST[0] + 1} to ${FIRST[1]}, before there is history, and of ${FULL[0] + 1} to ${FULL[1]}, each`,
      'series by 60 windows of its own; memory: heap and buffers after a collection, what 40 windows more take',
    ],
    figures: [
      ...figuresOf('without history', times.slice(...FIRST)),
      ...figuresOf('with 60 past windows', times.slice(...FULL)),
      { what: 'the first window, code not compiled yet', value: times[0]!.whole, unit: 'ms' },
      {
        what: '40 reference windows of a series, in memory',
        value: keptBytes / 1000,
        unit: 'kB',
        goal: { of: 'value', atMost: 64 },
      },
    ],
  }
}

function figuresOf(regime: string, times: readonly Steps[]): Figure[] {
  const middle = (of: keyof Steps): number => times.map(one => one[of]).sort((a, b) => a - b)[times.length >> 1]!
  const unit = 'ms'
  return [
    { what: `${regime}, elapsed: parts in, verdict records out`, value: middle('whole'), unit, goal: GOAL },
    { what: '  the same in CPU time, collector and compiler included', value: middle('cpu'), unit, goal: GOAL },
    { what: '  decode the parts', value: middle('decode'), unit },
    { what: '  merge and judge', value: middle('judge'), unit },
    { what: '  encode the verdicts (JSON)', value: middle('encode'), unit },
    { what: '  beside it: records of the decision state and its histories, CPU', value: middle('save'), unit },
  ]
}

/** The part of a later window. */
function shifted(part: Part, windows: number): Part {
  const by = windows * WINDOW_MS
  const nextOffset = part.nextOffset * (windows + 1)
  return { ...part, pane: part.pane + by, round: part.round + by, nextOffset }
}

/** Takes what is written and keeps nothing. */
const NOWHERE: Pick<Log, 'append' | 'follow'> = {
  append: async () => {},
  follow: async () => ({ catchUp: async () => {}, stop: async () => {} }),
}

function headersOf({ headers }: OutgoingRecord): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]))
}
