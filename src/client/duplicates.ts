/** The last ids that were handled, the oldest forgotten first. */
export class HandledIds {
  readonly #ids = new Set<string>()

  constructor(private readonly most: number) {}

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  add(id: string): void {
    this.#ids.delete(id)
    this.#ids.add(id)
    if (this.#ids.size > this.most) this.#ids.delete(this.#ids.values().next().value!)
  }
}
