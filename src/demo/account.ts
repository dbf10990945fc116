import type { VerdictEvent } from '../core/alert/event.js'
import type { Log } from '../core/ports.js'
import type { Metrics } from '../service/metrics.js'
import { DEAD_LETTERS } from '../service/topics.js'

/** Records by what became of them. The sums are exact or something is wrong (DESIGN §4.1). */
export interface Account {
  /** In the topic of the rides. */
  readonly read: number
  readonly aggregated: number
  readonly late: number
  readonly rejected: number
  readonly notSelected: number
  readonly gap: number
  /** Rejected records in driftline.dead-letters; tombstones leave none. */
  readonly deadLetters: number
  /** Rows of all windows, each at its last revision, summed from the verdicts in the log. */
  readonly windowRows: number
  /** Rows that stage 2 refused. */
  readonly expired: number
}

/** read = aggregated + late + rejected + not selected + gap, and window rows + expired = aggregated (windows are tumbling here). */
export function balances(account: Account): boolean {
  const { read, aggregated, late, rejected, notSelected, gap, windowRows, expired } = account
  return read === aggregated + late + rejected + notSelected + gap && windowRows + expired === aggregated
}

/** The rows of windows, from verdicts as they are read. */
export class WindowRows {
  readonly #rows = new Map<string, { revision: number; rows: number }>()
  readonly #ends = new Set<number>()
  verdicts = 0

  add({ series, window }: VerdictEvent): void {
    this.verdicts++
    this.#ends.add(window.end)
    const key = `${series.modelVersion}/${window.end}`
    const known = this.#rows.get(key)
    if (known === undefined || window.revision > known.revision)
      this.#rows.set(key, { revision: window.revision, rows: window.rows })
  }

  get windows(): number {
    return this.#ends.size
  }

  get total(): number {
    return [...this.#rows.values()].reduce((sum, { rows }) => sum + rows, 0)
  }
}

export async function accountOf(log: Log, metrics: Metrics, topic: string, windows: WindowRows): Promise<Account> {
  const ends = async (name: string): Promise<number> => (await log.offsets(name)).reduce((sum, { end }) => sum + end, 0)
  const records = (await metrics.records.get()).values
  const counted = (outcome: string): number =>
    records.reduce(
      (sum, { labels, value }) => sum + (labels.topic === topic && labels.outcome === outcome ? value : 0),
      0,
    )
  return {
    read: await ends(topic),
    aggregated: counted('aggregated'),
    late: counted('late'),
    rejected: counted('rejected'),
    notSelected: counted('notSelected'),
    gap: counted('gap'),
    deadLetters: await ends(DEAD_LETTERS),
    windowRows: windows.total,
    expired: (await metrics.expired.get()).values.reduce((sum, { value }) => sum + value, 0),
  }
}
