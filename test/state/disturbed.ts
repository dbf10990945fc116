import { DriftlineError } from '../../src/core/error.js'
import type { Checkpoint, StateStore } from '../../src/core/ports.js'
import type { Random } from '../random.js'

/** What a store does to those who take a partition over. */
export type Fault = 'none' | 'stale' | 'lost' | 'down'

/** A store over another that gives old checkpoints, or none, or does not answer. `restored` counts what it has given. */
export class DisturbedStore implements StateStore {
  restored = 0
  readonly #written = new Map<string, Checkpoint[]>()

  constructor(
    private readonly store: StateStore,
    private readonly fault: Fault,
    private readonly random: Random,
  ) {}

  get place(): string {
    return this.store.place
  }

  async read(tasks: readonly string[]): Promise<(Checkpoint | null)[]> {
    this.#answer()
    const found = (await this.store.read(tasks)).map((latest, i) => {
      if (latest === null || (this.fault === 'lost' && this.random.chance(0.5))) return null
      return this.fault === 'stale' ? this.random.pick(this.#written.get(tasks[i]!)!) : latest
    })
    this.restored += found.filter(one => one !== null).length
    return found
  }

  async write(checkpoints: Parameters<StateStore['write']>[0]): Promise<boolean[]> {
    this.#answer()
    const answers = await this.store.write(checkpoints)
    for (const [i, { task, ...checkpoint }] of checkpoints.entries()) {
      if (answers[i]) this.#written.set(task, [...(this.#written.get(task) ?? []), checkpoint])
    }
    return answers
  }

  remove(tasks: readonly string[]): Promise<void> {
    this.#answer()
    return this.store.remove(tasks)
  }

  close(): Promise<void> {
    return this.store.close()
  }

  #answer(): void {
    if (this.fault === 'down') throw new DriftlineError('infrastructure', 'the store is down')
  }
}
