/** Counts and values as bytes fields of our own records: small, and quick to take apart. */

const VARINTS = 0
const DOUBLES = 1
const LARGEST = 2 ** 53

/** A leading 0 and unsigned LEB128 varints; where a count is no whole number, a leading 1 and little-endian doubles. */
export function packCounts(counts: Float64Array): Buffer {
  if (!counts.every(count => Number.isInteger(count) && count >= 0 && count < LARGEST))
    return Buffer.concat([Buffer.of(DOUBLES), packDoubles(counts)])
  const bytes = Buffer.allocUnsafe(1 + 8 * counts.length)
  bytes[0] = VARINTS
  let at = 1
  for (let rest of counts) {
    while (rest > 127) {
      bytes[at++] = (rest % 128) | 128
      rest = Math.floor(rest / 128)
    }
    bytes[at++] = rest
  }
  return bytes.subarray(0, at)
}

export function unpackCounts(bytes: Uint8Array): Float64Array {
  if (bytes[0] === DOUBLES) return unpackDoubles(bytes.subarray(1))
  const counts = new Float64Array(bytes.length)
  let size = 0
  for (let at = 1; at < bytes.length; ) {
    let count = 0
    let factor = 1
    for (; bytes[at] > 127; factor *= 128) count += (bytes[at++] & 127) * factor
    counts[size++] = count + bytes[at++] * factor
  }
  return counts.slice(0, size)
}

export function packDoubles(values: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length)
  for (let i = 0; i < values.length; i++) bytes.writeDoubleLE(values[i], 8 * i)
  return bytes
}

export function unpackDoubles(bytes: Uint8Array): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Float64Array.from({ length: bytes.length >> 3 }, (_, i) => view.getFloat64(8 * i, true))
}

export function packWords(words: Int32Array): Buffer {
  const bytes = Buffer.allocUnsafe(4 * words.length)
  for (let i = 0; i < words.length; i++) bytes.writeInt32LE(words[i], 4 * i)
  return bytes
}

export function unpackWords(bytes: Uint8Array): Int32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => view.getInt32(4 * i, true))
}
