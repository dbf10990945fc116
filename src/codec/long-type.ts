import avsc from 'avsc'

const LARGEST = 2n ** 63n - 1n

/**
 * avsc writes longs beyond ±2^52 wrong without a word (it doubles them as floats). This type writes all 64 bits, and takes bigints too.
 * @param isNear whether it also takes doubles beyond 2^53, which are near what they were, as files have them: that they are unsafe is all that is
 *   counted of them; of what has more than 64 bits the largest is written that fits
 */
function longType(isNear: boolean): avsc.Type {
  const isNumber = isNear ? Number.isInteger : Number.isSafeInteger
  return avsc.types.LongType.__with({
    isValid: (value: unknown) => isNumber(value) || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value),
    toBuffer(value: number | bigint) {
      const bytes = Buffer.allocUnsafe(8)
      const exact = BigInt(value)
      bytes.writeBigInt64LE(!isNear ? exact : exact > LARGEST ? LARGEST : exact < -LARGEST ? -LARGEST : exact)
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
}

export const EXACT_LONG = longType(false)
export const NEAR_LONG = longType(true)
