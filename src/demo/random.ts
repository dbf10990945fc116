/** Seeded draws: the same seed, the same rides. */
export class Random {
  #state: number
  /** Box–Muller gives two normals at a time; the second waits here. */
  #spare = Number.NaN

  constructor(seed: number) {
    this.#state = seed | 0
    // The first draws of neighbouring seeds resemble each other.
    for (let i = 0; i < 8; i++) this.next()
  }

  /** Uniform in [0, 1), by mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }

  chance(p: number): boolean {
    return this.next() < p
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below)
  }

  normal(mean: number, sd: number): number {
    if (!Number.isNaN(this.#spare)) {
      const z = this.#spare
      this.#spare = Number.NaN
      return mean + sd * z
    }
    const radius = Math.sqrt(-2 * Math.log(1 - this.next()))
    const angle = 2 * Math.PI * this.next()
    this.#spare = radius * Math.sin(angle)
    return mean + sd * radius * Math.cos(angle)
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next())
  }

  /** Gamma of a whole shape: the sum of so many exponentials. */
  gamma(shape: number, scale: number): number {
    let product = 1
    for (let i = 0; i < shape; i++) product *= 1 - this.next()
    return -scale * Math.log(product)
  }

  /** An index into weights that sum to 1. */
  weighted(weights: readonly number[]): number {
    let left = this.next()
    for (let i = 0; i < weights.length - 1; i++) if ((left -= weights[i]) < 0) return i
    return weights.length - 1
  }
}
