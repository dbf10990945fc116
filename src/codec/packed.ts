/** Counts and values as bytes fields of our own records: small, and quick to take apart. */

const VARINTS = 0
const DOUBLES = 1
const LARGEST = 2 ** 53
/** Doubles lie in memory as they lie on the wire. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

/** A leading 0 and unsigned LEB128 varints; where a count is no whole number, a leading 1 and little-endian doubles. */
export function packCounts(counts: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(1 + 8 * counts.length)
  bytes[0] = VARINTS
  let at = 1
  for (let i = 0; i < counts.length; i++) {
    let rest = counts[i]
    if (!(rest >= 0 && rest < LARGEST && Math.floor(rest) === rest)) {
      bytes[0] = DOUBLES
      writeDoubles(bytes, 1, counts)
      return bytes
    }
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
  let size = 0
  for (let at = 1; at < bytes.length; at++) if (bytes[at] < 128) size++
  const counts = new Float64Array(size)
  for (let at = 1, c = 0; c < size; c++) {
    let count = 0
    let factor = 1
    for (; bytes[at] > 127; factor *= 128) count += (bytes[at++] & 127) * factor
    counts[c] = count + bytes[at++] * factor
  }
  return counts
}

export function packDoubles(values: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length)
  writeDoubles(bytes, 0, values)
  return bytes
}

export function unpackDoubles(bytes: Uint8Array): Float64Array {
  const values = new Float64Array(bytes.length >> 3)
  const memory = Buffer.from(values.buffer)
  memory.set(8 * values.length === bytes.length ? bytes : bytes.subarray(0, 8 * values.length))
  if (!LITTLE_ENDIAN) memory.swap64()
  return values
}

function writeDoubles(bytes: Buffer, at: number, values: Float64Array): void {
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
  if (!LITTLE_ENDIAN) bytes.subarray(at).swap64()
}
