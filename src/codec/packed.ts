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
  const from = room(bytes.length)
  let to = from
  for (let at = 1; at < bytes.length; ) {
    let count = bytes[at++]
    if (count > 127) {
      count &= 127
      for (let factor = 128; at < bytes.length; factor *= 128) {
        count += (bytes[at] & 127) * factor
        if (bytes[at++] < 128) break
      }
    }
    memory[to++] = count
  }
  return take(to - from)
}

export function packDoubles(values: Float64Array): Buffer {
  const bytes = Buffer.allocUnsafe(8 * values.length)
  writeDoubles(bytes, 0, values)
  return bytes
}

export function unpackDoubles(bytes: Uint8Array): Float64Array {
  const size = bytes.length >> 3
  const at = 8 * room(size)
  memoryBytes.set(8 * size === bytes.length ? bytes : bytes.subarray(0, 8 * size), at)
  if (!LITTLE_ENDIAN) memoryBytes.subarray(at, at + 8 * size).swap64()
  return take(size)
}

/**
 * What is unpacked lies side by side: a part has some thousand short arrays, and asking for the memory of each takes longer than filling it.
 */
const PIECE = 8192
const NONE = new Float64Array(0)
let memory = new Float64Array(PIECE)
let memoryBytes = Buffer.from(memory.buffer)
let used = 0

/** @returns where so many numbers fit */
function room(size: number): number {
  if (used + size > memory.length) {
    memory = new Float64Array(Math.max(PIECE, size))
    memoryBytes = Buffer.from(memory.buffer)
    used = 0
  }
  return used
}

function take(size: number): Float64Array {
  if (size === 0) return NONE
  used += size
  return memory.subarray(used - size, used)
}

function writeDoubles(bytes: Buffer, at: number, values: Float64Array): void {
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
  if (!LITTLE_ENDIAN) bytes.subarray(at).swap64()
}

export function packSingles(values: Float32Array): Buffer {
  return packQuads(values)
}

export function unpackSingles(bytes: Uint8Array): Float32Array {
  return unpackQuads(bytes, new Float32Array(bytes.length >> 2))
}

/** Bytes as they are: Avro wants a Buffer. */
export function packBytes(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** A view of them. */
export function unpackBytes({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}

export function packWords(words: Uint32Array | Int32Array): Buffer {
  return packQuads(words)
}

export function unpackWords(bytes: Uint8Array): Uint32Array {
  return unpackQuads(bytes, new Uint32Array(bytes.length >> 2))
}

/** Four bytes each, little-endian. */
function packQuads({ buffer, byteOffset, byteLength }: Float32Array | Uint32Array | Int32Array): Buffer {
  const bytes = Buffer.allocUnsafe(byteLength)
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength))
  return LITTLE_ENDIAN ? bytes : bytes.swap32()
}

function unpackQuads<Values extends Float32Array | Uint32Array>(bytes: Uint8Array, values: Values): Values {
  const own = Buffer.from(values.buffer)
  own.set(bytes.subarray(0, own.length))
  if (!LITTLE_ENDIAN) own.swap32()
  return values
}
