import avsc from 'avsc'

/** avsc writes longs beyond ±2^52 wrong without a word (it doubles them as floats). This one is exact, and takes bigints too. */
export const EXACT_LONG = avsc.types.LongType.__with({
  isValid: (value: unknown) =>
    Number.isSafeInteger(value) || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value),
  toBuffer(value: number | bigint) {
    const bytes = Buffer.allocUnsafe(8)
    bytes.writeBigInt64LE(BigInt(value))
    return bytes
  },
  fromBuffer(bytes: Buffer) {
    const value = bytes.readBigInt64LE()
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  },
  toJSON: Number,
  fromJSON: (value: unknown) => value,
  compare: (a: number | bigint, b: number | bigint) => (a < b ? -1 : a > b ? 1 : 0),
})
