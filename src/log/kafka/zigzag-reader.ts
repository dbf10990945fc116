/** Reads the numbers of Kafka's record format: zigzag varints, whose parts come least significant first. */
export class ZigzagReader {
  constructor(
    private readonly source: Uint8Array,
    public at: number,
  ) {}

  /** Of 32 bits: lengths, counts, and offsets within a batch. */
  int(): number {
    const { source } = this
    let byte = source[this.at++]
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
    let bits = byte & 127
    for (let shift = 7; byte > 127 && shift < 35; shift += 7) {
      byte = source[this.at++]
      bits |= (byte & 127) << shift
    }
    return (bits >>> 1) ^ -(bits & 1)
  }

  /** Of 64 bits, exact up to 2^53. */
  long(): number {
    const { source } = this
    let byte = source[this.at++]
    if (byte < 128) return (byte >>> 1) ^ -(byte & 1)
    const negative = (byte & 1) === 1
    let half = (byte & 127) >>> 1
    for (let factor = 64; byte > 127 && factor < 2 ** 63; factor *= 128) {
      byte = source[this.at++]
      half += (byte & 127) * factor
    }
    return negative ? -half - 1 : half
  }

  /** Bytes with their length before them; null where that is negative. */
  bytes(): Uint8Array | null {
    const length = this.int()
    if (length < 0) return null
    return this.source.subarray(this.at, (this.at += length))
  }
}
