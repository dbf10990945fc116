const PIECE = 512 * 1024
let piece = Buffer.alloc(0)
let used = 0

/**
 * A text as UTF-8. Texts lie one after the other in large pieces of memory: a window's events are a thousand, and memory of its own for each
 * costs more than writing it, and again when it is collected.
 */
export function utf8Bytes(text: string): Buffer {
  const most = 3 * text.length
  if (used + most > piece.length) {
    piece = Buffer.allocUnsafeSlow(Math.max(PIECE, most))
    used = 0
  }
  const from = used
  used += piece.write(text, from)
  return piece.subarray(from, used)
}
