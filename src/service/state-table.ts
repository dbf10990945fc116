import { decodeState, encodeState, type SavedState } from '../codec/state.js'
import { textOf } from '../core/dictionary.js'
import type { Following, Log } from '../core/ports.js'
import { STATE } from './topics.js'

/** The compacted topic of decision states as a table of bytes; decoded only by who takes a model over. */
export class StateTable {
  readonly #bytes = new Map<string, { readonly value: Uint8Array; readonly version: number }>()
  #following: Following | null = null

  private constructor(private readonly log: Log) {}

  static async follow(log: Log): Promise<StateTable> {
    const table = new StateTable(log)
    table.#following = await log.follow(STATE, batch => {
      for (let i = 0; i < batch.size; i++) {
        const key = batch.key(i)
        if (key === null) continue
        const value = batch.value(i)
        const text = textOf(key, 0, key.length)
        if (value === null) table.#bytes.delete(text)
        else {
          const version = batch.headers(i)['schema-version']
          table.#bytes.set(text, {
            value: new Uint8Array(value),
            version: Number(version && textOf(version, 0, version.length)),
          })
        }
      }
    })
    await table.#following.catchUp()
    return table
  }

  /** States written before the call, of the models that `owns` answers true for. */
  async states(owns: (model: string) => boolean): Promise<SavedState[]> {
    await this.#following!.catchUp()
    return [...this.#bytes.values()]
      .flatMap(({ value, version }) => decodeState(value, version) ?? [])
      .filter(({ model }) => owns(model))
  }

  async save(partition: number, states: readonly SavedState[]): Promise<void> {
    if (states.length === 0) return
    await this.log.append(
      STATE,
      states.map(saved => ({ ...encodeState(saved), partition })),
    )
  }

  async stop(): Promise<void> {
    await this.#following?.stop()
  }
}
