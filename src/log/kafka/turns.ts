/** Work on one place at a time, in the order asked; different places do not wait for each other. */
export class PlaceTurns {
  readonly #last = new Map<string, Promise<void>>()

  constructor(private readonly failed: (error: unknown) => void) {}

  /** Never rejects. */
  run(place: string, work: () => Promise<void>): Promise<void> {
    const mine = (this.#last.get(place) ?? Promise.resolve()).then(work).catch(this.failed)
    this.#last.set(place, mine)
    return mine
  }

  async settled(): Promise<void> {
    await Promise.all(this.#last.values())
  }
}
