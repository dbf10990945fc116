import { watchedBy } from '../derive/derivations.js'
import type { Monitor } from '../monitor.js'
import type { DueWindow } from '../window/collector.js'
import type { PaneRanges } from '../window/pane-ranges.js'
import type { Part } from '../window/part.js'
import { activeBaseline, type Judge } from './active.js'
import type { Activation, Baseline } from './baseline.js'

/** The baselines of one model, and which of them judges when. */
export class Judges {
  #baselines: readonly Baseline[] = []
  #activations: Activation[] = []

  get baselines(): readonly Baseline[] {
    return this.#baselines
  }

  get activations(): readonly Activation[] {
    return this.#activations
  }

  /** The table of the model's baselines; each is immutable. */
  know(monitor: Monitor, baselines: readonly Baseline[]): void {
    this.#baselines = baselines.map(baseline => watchedBy(monitor, baseline))
  }

  activate(activation: Activation): void {
    const { at, baseline, modelVersion } = activation
    const known = this.#activations.some(a => a.at === at && a.baseline === baseline && a.modelVersion === modelVersion)
    if (!known) this.#activations.push(activation)
  }

  restore(activations: readonly Activation[]): void {
    this.#activations = [...activations]
  }

  /** The baseline in force for a model version at an event time. */
  at({ baseline: asked }: Pick<Monitor, 'baseline'>, version: string, time: number): Judge | null {
    if (typeof asked !== 'number') return activeBaseline(this.#baselines, this.#activations, version, time)
    const fixed = this.#baselines.find(candidate => candidate.version === asked)
    return fixed === undefined ? null : { baseline: fixed, activeFrom: null, note: null }
  }

  /**
   * The baseline of a window, and why it cannot be judged against it, if so.
   * @param parts of the model version
   */
  of(
    monitor: Pick<Monitor, 'baseline'>,
    version: string,
    due: DueWindow,
    parts: readonly Part[],
    ranges: PaneRanges,
  ): { readonly judge: Judge | null; readonly unfit: string | null } {
    const at = (time: number): Judge | null => this.at(monitor, version, time)
    const judge = at(due.end - 1)
    if (judge === null) return { judge, unfit: 'no-baseline' }
    const changed =
      !ranges.hasAll(due.start, due.end) ||
      at(due.start)?.baseline !== judge.baseline ||
      parts.some(part => !part.baselines.includes(judge.baseline.version))
    return { judge, unfit: changed ? 'baseline-changed' : null }
  }

  /** A series of another baseline than the one that judges: at a cut-over parts have those of both. */
  isDerived(feature: string): boolean {
    return this.#baselines.some(({ features }) => features.some(({ name, origin }) => name === feature && origin))
  }
}
