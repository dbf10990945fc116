const LG = 10
const REGISTERS = 1 << LG
/** Bits of the hash after those that choose the register. */
const BITS = 32 - LG

/**
 * HyperLogLog over 32-bit hashes (Flajolet et al. 2007), 2^10 registers, with the estimator of Ertl 2017 ("New cardinality estimation
 * algorithms for HyperLogLog sketches", alg. 6), which needs no special case for small or large numbers. Relative standard error 3.2 %.
 */
export class Distinct {
  readonly registers: Uint8Array

  constructor(registers?: Uint8Array) {
    this.registers = registers === undefined ? new Uint8Array(REGISTERS) : registers.slice()
  }

  add(hash: number): void {
    const register = hash >>> BITS
    const rank = Math.clz32((hash << LG) | (1 << (LG - 1))) + 1
    if (rank > this.registers[register]) this.registers[register] = rank
  }

  merge(registers: Uint8Array): void {
    for (let i = 0; i < REGISTERS; i++) if (registers[i] > this.registers[i]) this.registers[i] = registers[i]
  }

  estimate(): number {
    return estimateDistinct(this.registers)
  }
}

/** How many distinct values the registers have seen. */
export function estimateDistinct(registers: Uint8Array): number {
  const histogram = new Int32Array(BITS + 2)
  for (const rank of registers) histogram[rank]++
  let z = REGISTERS * tau(1 - histogram[BITS + 1] / REGISTERS)
  for (let rank = BITS; rank >= 1; rank--) z = (z + histogram[rank]) / 2
  z += REGISTERS * sigma(histogram[0] / REGISTERS)
  return (REGISTERS * REGISTERS) / (2 * Math.LN2 * z)
}

/** What empty registers stand for: x + Σ x^(2^k)·2^(k−1). */
function sigma(x: number): number {
  if (x === 1) return Number.POSITIVE_INFINITY
  let sum = x
  for (let power = x, weight = 1, last = -1; sum !== last; weight *= 2) {
    last = sum
    power *= power
    sum += power * weight
  }
  return sum
}

/** What full registers stand for: (1 − x − Σ (1 − x^(2^−k))²·2^−k)/3. */
function tau(x: number): number {
  if (x === 0 || x === 1) return 0
  let sum = 1 - x
  for (let root = x, weight = 1, last = -1; sum !== last; ) {
    last = sum
    root = Math.sqrt(root)
    weight /= 2
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}

const word = new Float64Array(1)
const halves = new Int32Array(word.buffer)

/** 32-bit hash of a double's bits. */
export function hashNumber(x: number): number {
  word[0] = x
  let h = Math.imul(halves[0] ^ (halves[0] >>> 15), 0x9e3779b1)
  h = Math.imul((h ^ (h >>> 16)) + halves[1], 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
