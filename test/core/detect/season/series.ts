import type { Cause } from '../../../../src/core/alert/event.js'
import { begin, type History, remember } from '../../../../src/core/detect/history.js'
import { type Judgement, judge } from '../../../../src/core/detect/judgement.js'
import { FIXED } from '../../../../src/core/detect/limits.js'
import { openingOf } from '../../../../src/core/detect/opening.js'
import { Season } from '../../../../src/core/detect/season/season.js'
import type { Monitor } from '../../../../src/core/monitor.js'
import { type Random, seeded } from '../../../random.js'
import { Lab, type Value } from '../../cause/lab.js'
import { monitorOf } from '../../world.js'

export const HOUR = 3_600_000
/** A Monday, 0 h in Berlin. */
export const MONDAY = Date.UTC(2026, 0, 4, 23)

/** One numeric series, judged window by window through the real sketches, profiles and history. */
export class Series {
  readonly monitor: Monitor
  readonly season: Season
  readonly lab: Lab
  history: History = begin(1, null)
  readonly random: Random

  constructor(seasons: Monitor['seasons'], training: (random: Random) => Value, size = HOUR, seed = 1) {
    this.random = seeded(seed)
    this.lab = new Lab(
      'numeric',
      Array.from({ length: 4000 }, () => training(this.random)),
    )
    const monitor = monitorOf({ advance: size, size, grace: 0, revise: 0 })
    this.monitor = { ...monitor, features: new Map(), ...(seasons === undefined ? {} : { seasons }) }
    this.season = new Season(this.monitor)
  }

  /** What is said of a window, without learning it. */
  judge(start: number, values: readonly Value[]): Judgement {
    return this.#judge(start, values).judged
  }

  /** The cause that is told if the window rings; null where it does not. */
  cause(start: number, values: readonly Value[]): Cause | null {
    const { judged, subject } = this.#judge(start, values)
    return judged.ratio >= 1 ? openingOf(subject, judged).cause : null
  }

  /** Learns a window as one in which no alert fires. */
  take(start: number, values: readonly Value[]): Judgement {
    const judged = this.judge(start, values)
    const kept = { start, end: start + this.monitor.window.sizeMs, profile: judged.profile! }
    const grown = remember(judged.history, kept, judged.scores, 'none', 3, judged.limits)
    this.history = this.season.follow(this.lab.contract, this.history, grown)
    return judged
  }

  /** Largest |z|. */
  static loudest({ scores }: Judgement): number {
    return scores.reduce((most, { z }) => Math.max(most, Math.abs(z)), 0)
  }

  #judge(windowStart: number, values: readonly Value[]) {
    const { monitor, season, lab, history } = this
    const { sketch } = lab.window(values)
    const view = { segment: {}, rows: values.length, features: new Map([['x', sketch]]) }
    const subject = {
      monitor,
      contract: lab.contract,
      view,
      windowStart,
      season,
      breached: new Set<string>(),
      limits: FIXED,
    }
    return { subject, judged: judge(subject, history, false) }
  }
}
