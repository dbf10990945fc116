import { decompress as decompressZstd, init as initZstd, compress as zstd } from '@bokuweb/zstd-wasm'
import kafkajs from 'kafkajs'
// @ts-expect-error it has no types
import snappy from 'kafkajs-snappy'
import { compressFrame, decompressFrame } from 'lz4-napi'

interface Encoded {
  readonly buffer: Buffer
}

/** A record batch that unpacks to more is refused by any sane topic. */
const LARGEST_UNPACKED = 1 << 28

let ready: Promise<void> | null = null

/** Teaches kafkajs snappy, lz4 and zstd, once a process: one batch in an unknown codec stops a consumer. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = snappy
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: ({ buffer }: Encoded) => compressFrame(buffer),
    decompress: (bytes: Buffer) => decompressFrame(bytes),
  })
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    async compress({ buffer }: Encoded) {
      await (ready ??= initZstd())
      return Buffer.from(zstd(buffer))
    },
    async decompress(bytes: Buffer) {
      await (ready ??= initZstd())
      return unpackZstd(bytes)
    },
  })
}

/** Frames written as a stream, as by Java, do not tell their size; so room is made until it is enough. */
function unpackZstd(bytes: Buffer): Buffer {
  for (let room = Math.max(1 << 20, bytes.length * 4); ; room *= 4) {
    try {
      const unpacked = decompressZstd(bytes, { defaultHeapSize: room })
      return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length)
    } catch (error) {
      if (room >= LARGEST_UNPACKED) throw error
    }
  }
}
