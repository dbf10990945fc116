import type { Side } from '../detect/compare.js'
import { inspect } from '../detect/inspect.js'
import { FEWEST_SWINGS, type Swing, type Swings, swingOf } from '../detect/swings.js'
import type { Monitor } from '../monitor.js'
import { mergeSketches } from '../sketch/merge.js'
import type { SketchState } from '../sketch/state.js'
import type { FeatureBaseline, Segment } from './baseline.js'
import { segmentKey } from './baseline.js'

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
    for (const [check, value] of series.windows.flatMap((_, w) => this.#measured(contract, series, w))) {
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
  #measured(contract: FeatureBaseline, { segment, windows }: Series, w: number): (readonly [string, number])[] {
    const rest = together(contract, windows.toSpliced(w, 1))
    if (rest === null) return []
    const { rows, asServed } = windows[w]
    const against = { ...contract, segments: new Map([[segmentKey(segment), rest]]) }
    const features = new Map(asServed === null ? [] : [[contract.name, asServed]])
    return inspect(this.monitor, against, { segment, rows, features }).findings.flatMap(({ evidence }) => {
      const { check, value, noiseFloor, because } = evidence
      if (because !== null) return []
      return [[check, swingOf(check, value, noiseFloor)] as const]
    })
  }
}

function together({ numeric }: FeatureBaseline, windows: readonly Side[]) {
  const sketches = windows.flatMap(({ sketch }) => sketch ?? [])
  if (sketches.length === 0) return null
  const rows = windows.reduce((sum, window) => sum + window.rows, 0)
  return { rows, sketch: mergeSketches(sketches, numeric?.grid ?? null) }
}
