const TWO_TO_27 = 2 ** 27

/** An Avro long: zigzag varint, read as two parts so that all 64 bits are exact. One is reused for every long. */
export class Varint {
  /** Exact while it is a safe integer, else rounded. */
  value = 0
  /** The number is high · 2^27 + low, or −(high · 2^27 + low + 1) when negative. */
  high = 0
  low = 0
  negative = false

  /** @returns the position after it, or −1 when it does not end before `end` or is longer than ten bytes */
  read(bytes: Uint8Array, from: number, end: number): number {
    let pos = from
    let low = 0
    let byte = 128
    for (let shift = 0; byte > 127 && shift < 28; shift += 7) {
      if (pos >= end) return -1
      byte = bytes[pos++]
      low |= (byte & 127) << shift
    }
    let high = 0
    for (let factor = 1; byte > 127; factor *= 128) {
      if (pos >= end || pos - from >= 10) return -1
      byte = bytes[pos++]
      high += (byte & 127) * factor
    }
    // Raw value high · 2^28 + low; its lowest bit is the sign.
    this.negative = (low & 1) === 1
    this.low = low >>> 1
    this.high = high
    const magnitude = high * TWO_TO_27 + this.low
    this.value = this.negative ? -magnitude - 1 : magnitude
    return pos
  }

  /** Largest integer ≤ the number divided by `divisor` (at most 10^6), from all 64 bits. */
  floorDivide(divisor: number): number {
    const { high, low, negative } = this
    const rest = (high % divisor) * TWO_TO_27 + low
    const quotient = ((high - (high % divisor)) / divisor) * TWO_TO_27 + (rest - (rest % divisor)) / divisor
    return negative ? -quotient - 1 : quotient
  }

  /** All its digits. */
  toString(): string {
    const magnitude = BigInt(this.high) * BigInt(TWO_TO_27) + BigInt(this.low)
    return String(this.negative ? -magnitude - 1n : magnitude)
  }
}

/** @returns the position after a varint, or −1 */
export function skipVarint(bytes: Uint8Array, from: number, end: number): number {
  for (let pos = from; pos < end && pos - from < 10; ) if (bytes[pos++] < 128) return pos
  return -1
}
