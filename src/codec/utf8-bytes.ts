const PIECE = 512 * 1024
let piece = Buffer.alloc(0)
let used = 0

/**
 * Texts as UTF-8, one after the other; bytes are of what is UTF-8 already. They lie in large pieces of memory: a window's events are a thousand,
 * and memory of its own for each costs more than writing it, and again when it is collected.
 */
export function utf8Bytes(...texts: readonly (string | Uint8Array)[]): Buffer {
  let most = 0
  for (let t = 0; t < texts.length; t++) most += 3 * texts[t].length
  if (used + most > piece.length) {
    piece = Buffer.allocUnsafeSlow(Math.max(PIECE, most))
    used = 0
  }
  const from = used
  for (let t = 0; t < texts.length; t++) {
    const text = texts[t]
    if (typeof text === 'string') used += piece.write(text, used)
    else {
      piece.set(text, used)
      used += text.length
    }
  }
  return piece.subarray(from, used)
}
