import type avsc from 'avsc'

let scratch = Buffer.allocUnsafeSlow(64 * 1024)

/**
 * The bytes of a value in Avro, after `prefix`. avsc's own `toBuffer` writes twice what is longer than a kilobyte.
 * @throws Error where the value is not of the type
 */
export function avroBytes(type: avsc.Type, value: unknown, prefix: Uint8Array = NONE): Buffer {
  let end = type.encode(value, scratch, prefix.length)
  if (end < 0) {
    scratch = Buffer.allocUnsafeSlow(2 * (scratch.length - end))
    end = type.encode(value, scratch, prefix.length)
  }
  scratch.set(prefix)
  return Buffer.from(scratch.subarray(0, end))
}

const NONE = new Uint8Array(0)
