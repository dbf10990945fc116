/** Every n-th of the values that come by, n doubled whenever there are too many: an even sample, the same for the same values. */
export class EvenSample<V> {
  #values: V[] = []
  #every = 1
  #seen = 0

  constructor(private readonly most: number) {}

  add(value: V): void {
    if (this.#seen++ % this.#every !== 0) return
    this.#values.push(value)
    if (this.#values.length < this.most) return
    this.#values = this.#values.filter((_, i) => i % 2 === 0)
    this.#every *= 2
  }

  get values(): readonly V[] {
    return this.#values
  }
}
