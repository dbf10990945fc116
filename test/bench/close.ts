import type { OutgoingRecord } from '../../src/core/ports.js'
import type { Marker } from '../../src/core/window/marker.js'
import { built } from './built.js'
import { cpuSeconds } from './cpu.js'
import type { Piece } from './figures.js'
import { ACTIVATION, benchMonitor } from './model.js'
import { wideWindow } from './wide.js'
import { WINDOW_MS } from './workload.js'

const { Evaluation } = await built<typeof import('../../src/core/evaluate.js')>('core/evaluate')
const { encodePart, PartAssembler } = await built<typeof import('../../src/codec/part.js')>('codec/part')
const { decodeInternal } = await built<typeof import('../../src/codec/internal.js')>('codec/internal')
const { jsonEncoder } = await built<typeof import('../../src/codec/public-encoder.js')>('codec/public-encoder')
const { ids } = await built<typeof import('../../src/service/ids.js')>('service/ids')

const SERIES = 1000
const ROWS = 4000
const WINDOWS = 12
const NOTHING = { aggregated: 0, late: 0, rejected: 0, notSelected: 0, gap: 0 }

/** Stage 2 closes one window after the other, all with the same content. */
export async function close(): Promise<Piece> {
  const monitor = benchMonitor()
  const { baseline, parts } = wideWindow(monitor, SERIES, ROWS)
  const evaluation = new Evaluation(monitor, { ids, software: 'bench', alertsFrom: Number.NEGATIVE_INFINITY })
  evaluation.know([baseline])
  evaluation.activate(ACTIVATION)
  const encoder = jsonEncoder()
  const assembler = new PartAssembler()
  const times: { decode: number; judge: number; encode: number; whole: number; cpu: number }[] = []
  let bytes = 0
  let written = 0
  for (let w = 0; w < WINDOWS; w++) {
    const shift = w * WINDOW_MS
    const messages = parts.flatMap(part =>
      encodePart({
        ...part,
        pane: part.pane + shift,
        round: part.round + shift,
        nextOffset: part.nextOffset * (w + 1),
      }),
    )
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
    const watermark = parts[0]!.pane + shift + WINDOW_MS + monitor.window.graceMs
    const verdicts = parts.flatMap(({ partition }) => {
      const progress = {
        model: monitor.model,
        monitor: monitor.version,
        watermark,
        idle: false,
        closeTo: -Infinity,
        counts: NOTHING,
      }
      const marker: Marker = {
        topic: 'bench',
        partition,
        partitions: 4,
        nextOffset: ROWS * (w + 1),
        monitors: [progress],
      }
      return evaluation.advance(marker, progress).verdicts
    })
    const judged = performance.now()
    written = verdicts.map(event => encoder.verdict(event)).length
    const end = performance.now()
    const used = cpuSeconds(cpu)
    if (written !== SERIES) throw new Error(`${written} verdicts for ${SERIES} series`)
    times.push({
      decode: decoded - start,
      judge: judged - decoded,
      encode: end - judged,
      whole: end - start,
      cpu: 1000 * used,
    })
  }
  const later = times.slice(4)
  const middle = (of: (one: (typeof times)[number]) => number): number =>
    later.map(of).sort((a, b) => a - b)[later.length >> 1]!
  const goal = { of: 'value', atMost: 150 } as const
  return {
    title: `close a window of ${SERIES} series`,
    how: [
      `parts of 4 partitions of ${ROWS} rows (${(bytes / 1e6).toFixed(1)} MB), 5 in 6 series numeric, against a baseline`,
      `${WINDOWS} windows in turn, elapsed time: the first, and the median of the last ${later.length}`,
    ],
    figures: [
      { what: 'the whole: parts in, verdict records out', value: middle(one => one.whole), unit: 'ms', goal },
      {
        what: '  the same in CPU time, collector and compiler included',
        value: middle(one => one.cpu),
        unit: 'ms',
        goal,
      },
      { what: '  decode the parts', value: middle(one => one.decode), unit: 'ms' },
      { what: '  merge and inspect', value: middle(one => one.judge), unit: 'ms' },
      { what: '  encode the verdicts (JSON)', value: middle(one => one.encode), unit: 'ms' },
      { what: 'the first window, code not compiled yet', value: times[0]!.whole, unit: 'ms' },
    ],
  }
}

function headersOf({ headers }: OutgoingRecord): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, Buffer.from(value)]))
}
