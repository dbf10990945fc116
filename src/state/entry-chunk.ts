/** An entry with its key. */
export interface KeyedPut {
  readonly high: number
  readonly low: number
  readonly bytes: Uint8Array
}

/** Entries of a chunk at most; a place is chunk · 32 + index. */
export const MOST_IN_CHUNK = 32
/** Bytes of a chunk with more than one entry at most: four lie on a page of lmdb. */
const CHUNK_BYTES = 980
/** Before an entry's bytes: high and low word of its key; their number · 32 + the entry's index. */
const ENTRY_HEAD = 12

/** An entry in its chunk. */
export interface ChunkEntry extends KeyedPut {
  /** From 0 on; those of entries that are gone are left out. */
  readonly index: number
}

/** Divides entries of one shelf into chunks, in their order. */
export function* chunksOf(puts: readonly KeyedPut[]): Generator<readonly ChunkEntry[]> {
  let chunk: ChunkEntry[] = []
  let size = 0
  for (const { high, low, bytes } of puts) {
    const more = ENTRY_HEAD + bytes.length
    if (chunk.length === MOST_IN_CHUNK || (chunk.length > 0 && size + more > CHUNK_BYTES)) {
      yield chunk
      chunk = []
      size = 0
    }
    chunk.push({ high, low, bytes, index: chunk.length })
    size += more
  }
  if (chunk.length > 0) yield chunk
}

export function encodeChunk(entries: readonly ChunkEntry[]): Buffer {
  const chunk = Buffer.allocUnsafe(entries.reduce((sum, { bytes }) => sum + ENTRY_HEAD + bytes.length, 0))
  let at = 0
  for (const { high, low, bytes, index } of entries) {
    chunk.writeUInt32BE(high, at)
    chunk.writeUInt32BE(low, at + 4)
    chunk.writeUInt32BE(bytes.length * MOST_IN_CHUNK + index, at + 8)
    chunk.set(bytes, at + ENTRY_HEAD)
    at += ENTRY_HEAD + bytes.length
  }
  return chunk
}

/** Calls back for each entry: without views, which take most of the time. */
export function eachKey(chunk: Buffer, visit: (high: number, low: number, index: number) => void): void {
  for (let at = 0; at < chunk.length; ) {
    const word = chunk.readUInt32BE(at + 8)
    visit(chunk.readUInt32BE(at), chunk.readUInt32BE(at + 4), word % MOST_IN_CHUNK)
    at += ENTRY_HEAD + Math.floor(word / MOST_IN_CHUNK)
  }
}

/** Views of the chunk. */
export function decodeChunk(chunk: Buffer): ChunkEntry[] {
  const entries: ChunkEntry[] = []
  for (let at = 0; at < chunk.length; ) {
    const word = chunk.readUInt32BE(at + 8)
    const from = at + ENTRY_HEAD
    const to = from + Math.floor(word / MOST_IN_CHUNK)
    const [high, low] = [chunk.readUInt32BE(at), chunk.readUInt32BE(at + 4)]
    entries.push({ high, low, index: word % MOST_IN_CHUNK, bytes: chunk.subarray(from, to) })
    at = to
  }
  return entries
}
