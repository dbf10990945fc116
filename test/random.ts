/** Seeded draws for tests: the same seed, the same test. */
export interface Random {
  /** [0, 1). */
  next(): number
  integer(from: number, to: number): number
  pick<T>(of: readonly T[]): T
  chance: (p: number) => boolean
  normal(): number
}

export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return {
    next,
    integer: (from, to) => from + Math.floor(next() * (to - from + 1)),
    pick: of => of[Math.floor(next() * of.length)],
    chance: p => next() < p,
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  }
}

/** Gamma(a, 1) by Marsaglia & Tsang. */
export function gamma(random: Random, a: number): number {
  if (a < 1) return gamma(random, a + 1) * (1 - random.next()) ** (1 / a)
  const d = a - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random.next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v
  }
}
