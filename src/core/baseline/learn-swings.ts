import type { Side } from '../detect/compare.js'
import { inspect } from '../detect/inspect.js'
import { FEWEST_SWINGS, type Swing, type Swings, swingOf } from '../detect/swings.js'
import type { Monitor } from '../monitor.js'
import { mergeSketches } from '../sketch/merge.js'
import type { SketchState } from '../sketch/state.js'
import { type FeatureBaseline, type Segment, segmentKey } from './baseline.js'

/** Sketches that are kept, of all series together: about 100 MB. Further series have no swings. */
const MOST_SKETCHES = 20_000

/** One training window of a series. */
export interface TrainedWindow extends Side {
  /** The sketch with the values that no other window has as unseen ones. */
  readonly asServed: SketchState | null
}

interface Series {
  readonly segment: Segment
  readonly windows: TrainedWindow[]
}

/** Keeps the windows of series that may turn out to have too few of them for a history, to measure each against the others. */
export class SwingLearner {
  readonly #series = new Map<string, Map<string, Series>>()
  #kept = 0

  constructor(private readonly monitor: Monitor) {}

  add(feature: string, segment: Segment, window: TrainedWindow): void {
    if (this.#kept >= MOST_SKETCHES) return
    this.#kept++
    let its = this.#series.get(feature)
    if (its === undefined) this.#series.set(feature, (its = new Map()))
    const series = its.get(segmentKey(segment))
    if (series === undefined) its.set(segmentKey(segment), { segment, windows: [window] })
    else series.windows.push(window)
  }

  /** Of a series that has a history of its own. */
  drop(feature: string, segment: string): void {
    const its = this.#series.get(feature)
    this.#kept -= its?.get(segment)?.windows.length ?? 0
    its?.delete(segment)
  }

  /** Null where no check moves, or too few windows have rows enough. */
  swingsOf(contract: FeatureBaseline, segment: string): Swings | null {
    const series = this.#series.get(contract.name)?.get(segment)
    if (series === undefined || series.windows.length < FEWEST_SWINGS) return null
    const found = new Map<string, Swing>()
    const others = othersOf(contract, series.windows)
    for (const [check, value] of series.windows.flatMap((one, w) => this.#measured(contract, series, one, others[w]))) {
      const { windows, largest } = found.get(check) ?? { windows: 0, largest: 0 }
      found.set(check, { windows: windows + 1, largest: Math.max(largest, value) })
    }
    const checks = [...found].filter(([, { windows, largest }]) => windows >= FEWEST_SWINGS && largest > 0)
    return checks.length === 0 ? null : { sizeMs: this.monitor.window.sizeMs, checks: new Map(checks) }
  }

  /**
   * What the launch rule's checks come to between one window and all others together: training with the window in it would look nearer to it than
   * it is to any other window.
   */
  #measured(
    contract: FeatureBaseline,
    { segment }: Series,
    { rows, asServed }: TrainedWindow,
    { rows: otherRows, sketch }: Side,
  ): (readonly [string, number])[] {
    if (sketch === null) return []
    const against = { ...contract, segments: new Map([[segmentKey(segment), { rows: otherRows, sketch }]]) }
    const features = new Map(asServed === null ? [] : [[contract.name, asServed]])
    return inspect(this.monitor, against, { segment, rows, features }).findings.flatMap(({ evidence }) => {
      const { check, value, noiseFloor, because } = evidence
      if (because !== null) return []
      return [[check, swingOf(check, value, noiseFloor)] as const]
    })
  }
}

/** Of each window all others together: those before it and those after it, each added up once. */
function othersOf(contract: FeatureBaseline, windows: readonly Side[]): Side[] {
  const before = [NOTHING]
  for (const window of windows) before.push(together(contract, before.at(-1)!, window))
  const after = [NOTHING]
  for (const window of windows.toReversed()) after.unshift(together(contract, window, after[0]))
  return windows.map((_, w) => together(contract, before[w], after[w + 1]))
}

const NOTHING: Side = { rows: 0, sketch: null }

function together({ numeric }: FeatureBaseline, a: Side, b: Side): Side {
  const rows = a.rows + b.rows
  if (a.sketch === null || b.sketch === null) return { rows, sketch: a.sketch ?? b.sketch }
  return { rows, sketch: mergeSketches([a.sketch, b.sketch], numeric?.grid ?? null) }
}
