import kafkajs from 'kafkajs'

interface Encoded {
  readonly buffer: Buffer
}

/** A record batch that unpacks to more is refused by any sane topic. */
const LARGEST_UNPACKED = 1 << 28

/** Teaches kafkajs snappy, lz4 and zstd, once a process: one batch in an unknown codec stops a consumer. Each is loaded at its first batch. */
export function registerCodecs(): void {
  const { CompressionCodecs, CompressionTypes } = kafkajs
  CompressionCodecs[CompressionTypes.Snappy] = () => ({
    compress: async (encoded: Encoded) => (await snappy()).compress(encoded),
    decompress: async (bytes: Buffer) => (await snappy()).decompress(bytes),
  })
  CompressionCodecs[CompressionTypes.LZ4] = () => ({
    compress: async ({ buffer }: Encoded) => (await import('lz4-napi')).compressFrame(buffer),
    decompress: async (bytes: Buffer) => (await import('lz4-napi')).decompressFrame(bytes),
  })
  CompressionCodecs[CompressionTypes.ZSTD] = () => ({
    compress: async ({ buffer }: Encoded) => Buffer.from((await zstd()).compress(buffer)),
    decompress: async (bytes: Buffer) => unpackZstd(await zstd(), bytes),
  })
}

interface Codec {
  compress(encoded: Encoded): Promise<Buffer>
  decompress(bytes: Buffer): Promise<Buffer>
}

async function snappy(): Promise<Codec> {
  // @ts-expect-error it has no types
  return (await import('kafkajs-snappy')).default()
}

type Zstd = typeof import('@bokuweb/zstd-wasm')
let loading: Promise<Zstd> | null = null

function zstd(): Promise<Zstd> {
  loading ??= import('@bokuweb/zstd-wasm').then(async module => {
    await module.init()
    return module
  })
  return loading
}

/** Frames written as a stream, as by Java, do not tell their size; so room is made until it is enough. */
function unpackZstd({ decompress }: Zstd, bytes: Buffer): Buffer {
  for (let room = Math.max(1 << 20, bytes.length * 4); ; room *= 4) {
    try {
      const unpacked = decompress(bytes, { defaultHeapSize: room })
      return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.length)
    } catch (error) {
      if (room >= LARGEST_UNPACKED) throw error
    }
  }
}
