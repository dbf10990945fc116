const LG = 10
const REGISTERS = 1 << LG
const ALPHA = 0.7213 / (1 + 1.079 / REGISTERS)

/**
 * HyperLogLog (Flajolet et al. 2007) over 32-bit hashes, 2^10 registers: relative standard error 3.2 %, linear counting below 2.5 · 2^10.
 */
export class Distinct {
  readonly registers: Uint8Array

  constructor(registers?: Uint8Array) {
    this.registers = registers === undefined ? new Uint8Array(REGISTERS) : registers.slice()
  }

  add(hash: number): void {
    const register = hash >>> (32 - LG)
    const rank = Math.clz32((hash << LG) | (1 << (LG - 1))) + 1
    if (rank > this.registers[register]) this.registers[register] = rank
  }

  merge(registers: Uint8Array): void {
    for (let i = 0; i < REGISTERS; i++) if (registers[i] > this.registers[i]) this.registers[i] = registers[i]
  }

  estimate(): number {
    let sum = 0
    let zeros = 0
    for (const rank of this.registers) {
      sum += 2 ** -rank
      if (rank === 0) zeros++
    }
    const raw = (ALPHA * REGISTERS * REGISTERS) / sum
    return raw <= 2.5 * REGISTERS && zeros > 0 ? REGISTERS * Math.log(REGISTERS / zeros) : raw
  }
}

const word = new Float64Array(1)
const halves = new Int32Array(word.buffer)

/** 32-bit hash of a double's bits. */
export function hashNumber(x: number): number {
  word[0] = x
  let h = Math.imul(halves[0], 0x9e3779b1) ^ halves[1]
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return h ^ (h >>> 16)
}
