/** Where an event stands among those of its alert that were handled. */
export type Place =
  /** At or before the last one handled: a duplicate. */
  | { readonly older: true }
  /** `gap` events of the alert never came; null where that cannot be known, at the first event that is seen of an alert. */
  | { readonly older: false; readonly gap: number | null }

/** The last sequence handled of each alert; the alerts longest without an event are forgotten first. */
export class AlertOrder {
  readonly #last = new Map<string, number>()

  constructor(private readonly most: number) {}

  place(alertId: string, sequence: number): Place {
    const last = this.#last.get(alertId)
    if (last === undefined) return { older: false, gap: sequence === 1 ? 0 : null }
    return sequence <= last ? { older: true } : { older: false, gap: sequence - last - 1 }
  }

  handled(alertId: string, sequence: number): void {
    this.#last.delete(alertId)
    this.#last.set(alertId, sequence)
    if (this.#last.size > this.most) this.#last.delete(this.#last.keys().next().value!)
  }
}
