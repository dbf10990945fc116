import { DriftlineError } from '../../core/error.js'
import type { Committed, GroupMember, JoinOptions, Offsets } from '../../core/ports.js'
import { startOf, within } from '../start.js'
import { type KafkaAdmin, placeOf } from './admin.js'
import type { Connection } from './connection.js'
import { backoffMs, wait } from './outage.js'
import type { Owned } from './owned.js'

interface Facts {
  readonly committed: ReadonlyMap<string, Committed>
  readonly offsets: ReadonlyMap<string, readonly Offsets[]>
}

export function isInfrastructure(error: unknown): boolean {
  return error instanceof DriftlineError && error.code === 'infrastructure'
}

/** The member's side of an assignment: it is told commit and bounds, and answers with the offset to read from. */
export class Restoring {
  /** Of all partitions of the group, asked for once a generation. */
  #facts: Promise<Facts> | null = null

  constructor(
    private readonly connection: Connection,
    private readonly admin: KafkaAdmin,
    private readonly group: string,
    private readonly topics: readonly string[],
    private readonly member: GroupMember,
    private readonly options: JoinOptions,
  ) {}

  forget(): void {
    this.#facts = null
  }

  /**
   * Asks the member until it can restore; what is not for want of infrastructure is thrown. A partition lost meanwhile is revoked after
   * the member has answered, never before.
   * @param expired the commit to tell of, where Kafka's has been written over
   */
  async run(owned: Owned, expired?: Committed): Promise<void> {
    const { at } = owned
    const what = `restoring ${placeOf(at)}`
    for (let attempt = 0; !owned.gone; attempt++) {
      try {
        const facts = await (this.#facts ??= this.#ask())
        const bounds = facts.offsets.get(at.topic)![at.partition]
        const committed = expired ?? facts.committed.get(placeOf(at)) ?? null
        const offsetAt = async (time: number) => (await this.admin.offsetAt(at.topic, time))[at.partition]
        const start = await startOf(committed, bounds, this.options.start, offsetAt)
        if (owned.gone) return
        const position = await this.member.assigned(at, committed, bounds, start)
        if (owned.gone) return this.member.revoked(at)
        Object.assign(owned, { position: within(bounds, position), committed, restored: true })
        this.connection.outages.ended(what)
        return
      } catch (error) {
        this.#facts = null
        if (!isInfrastructure(error)) throw error
        this.connection.outages.began(what, error)
        await wait(backoffMs(attempt))
      }
    }
  }

  async #ask(): Promise<Facts> {
    const committed = await this.admin.committed(this.group, this.topics)
    const offsets = await Promise.all(this.topics.map(async topic => [topic, await this.admin.offsets(topic)] as const))
    return { committed, offsets: new Map(offsets) }
  }
}
