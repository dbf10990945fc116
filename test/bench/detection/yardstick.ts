import type { Detector, Opening } from './detector.js'
import type { Stream } from './streams.js'
import type { Column, Feature } from './values.js'

/** A rule that looks at one feature by itself: a score a window, and an alarm from this score and the one before. */
export interface SeriesRule {
  /** A window of the history. */
  learn(values: Column): void
  score(values: Column): number
  alarms(score: number, before: number): boolean
}

/** Windows without an alarm that end an alert, as in Driftline's own rule. */
const CLEAR = 3

/** Runs a rule on every feature. Its alarms become alerts: opened by the first, ended by three windows without. */
export class Yardstick implements Detector {
  readonly #rules: readonly SeriesRule[]
  /** By feature, of the windows served. */
  readonly #scores: number[][]

  constructor(
    readonly name: string,
    private readonly stream: Stream,
    baseline: readonly Column[],
    rule: (feature: Feature, baseline: Column) => SeriesRule,
  ) {
    this.#rules = stream.features.map((feature, f) => rule(feature, baseline[f]!))
    this.#scores = stream.features.map(() => [])
  }

  see(window: number, columns: readonly Column[]) {
    const openings: Opening[] = []
    const alarming: string[] = []
    for (const [f, { name }] of this.stream.features.entries()) {
      const rule = this.#rules[f]!
      const scores = this.#scores[f]!
      if (window < this.stream.history) {
        rule.learn(columns[f]!)
        continue
      }
      scores.push(rule.score(columns[f]!))
      const alarms = alarmsOf(rule, scores)
      if (alarms.at(-1)) alarming.push(name)
      if (opened(alarms).at(-1)) openings.push({ window, feature: name, cause: null, lastCause: null, incident: null })
    }
    return { openings, alarming }
  }

  mark(): void {}

  again(start: number, feature: number, columns: readonly Column[]): Opening[] {
    const rule = this.#rules[feature]!
    const from = start - this.stream.history
    const scores = [...this.#scores[feature]!.slice(0, from), ...columns.map(values => rule.score(values))]
    const { name } = this.stream.features[feature]!
    return opened(alarmsOf(rule, scores)).flatMap((open, i) =>
      open && i >= from
        ? [{ window: this.stream.history + i, feature: name, cause: null, lastCause: null, incident: null }]
        : [],
    )
  }
}

/** The first window served has no score before it. */
function alarmsOf(rule: SeriesRule, scores: readonly number[]): boolean[] {
  return scores.map((score, i) => rule.alarms(score, i === 0 ? 0 : scores[i - 1]!))
}

/** Whether an alert opens in each window. */
export function opened(alarms: readonly boolean[]): boolean[] {
  let calm = CLEAR
  return alarms.map(alarm => {
    const opens = alarm && calm >= CLEAR
    calm = alarm ? 0 : calm + 1
    return opens
  })
}
