import { BaselineTable } from '../codec/baseline.js'
import { type Control, decodeControl, type Forgotten, type MonitorVersion } from '../codec/control.js'
import type { Answer } from '../core/alert/answer.js'
import type { Activation, Baseline } from '../core/baseline/baseline.js'
import type { Following, Log } from '../core/ports.js'
import { BASELINES, CONTROL } from './topics.js'

/**
 * What every instance knows of the baselines and of the words about them: the compacted topics as tables, kept up to date.
 */
export class Knowledge {
  readonly #baselines = new BaselineTable()
  #activations: Activation[] = []
  #monitors: MonitorVersion[] = []
  readonly #forgotten: Forgotten[] = []
  /** By id: a repeat is the same answer. */
  readonly #answers = new Map<string, Answer>()
  readonly #following: Following[] = []
  /** Called after each change. */
  onChange: () => void = () => {}

  static async follow(log: Log): Promise<Knowledge> {
    const knowledge = new Knowledge()
    knowledge.#following.push(
      await log.follow(BASELINES, batch => {
        for (let i = 0; i < batch.size; i++) knowledge.#baselines.apply(batch.key(i), batch.value(i), batch.headers(i))
        knowledge.onChange()
      }),
      await log.follow(CONTROL, batch => {
        for (let i = 0; i < batch.size; i++) knowledge.#word(decodeControl(batch.headers(i), batch.value(i)))
        knowledge.onChange()
      }),
    )
    await knowledge.catchUp()
    return knowledge
  }

  /** Waits until everything written before the call is known. */
  async catchUp(): Promise<void> {
    for (const following of this.#following) await following.catchUp()
  }

  /** Complete baselines of a model, by version. */
  baselines(model: string): Baseline[] {
    return this.#baselines.of(model)
  }

  /** Models that have a baseline. */
  models(): string[] {
    return this.#baselines.models()
  }

  /** In the order they were given. */
  activations(model: string): Activation[] {
    return this.#activations.filter(activation => activation.model === model)
  }

  /** Words about a model's monitor, in the order they were given. */
  monitors(model: string): MonitorVersion[] {
    return this.#monitors.filter(monitor => monitor.model === model)
  }

  /** Operators' answers about a model, or all of them, in the order they were given. */
  answers(model?: string): Answer[] {
    return [...this.#answers.values()].filter(answer => model === undefined || answer.model === model)
  }

  /** Models whose data was removed, in that order. */
  forgotten(): readonly Forgotten[] {
    return this.#forgotten
  }

  /** Models that a monitor watches, or has watched. */
  watched(): string[] {
    return [...new Set(this.#monitors.map(({ model }) => model))].sort()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#following.map(following => following.stop()))
  }

  #word(control: Control | null): void {
    if (control === null) return
    if ('activation' in control) this.#activations.push(control.activation)
    else if ('monitor' in control) this.#monitors.push(control.monitor)
    else if ('answer' in control) this.#answers.set(control.answer.id, control.answer)
    else this.#forget(control.forgotten)
  }

  /** Until they are compacted away, the words before it are still in the topic. */
  #forget(forgotten: Forgotten): void {
    const { model } = forgotten
    this.#forgotten.push(forgotten)
    this.#activations = this.#activations.filter(one => one.model !== model)
    this.#monitors = this.#monitors.filter(one => one.model !== model)
    for (const [id, answer] of this.#answers) if (answer.model === model) this.#answers.delete(id)
  }
}
