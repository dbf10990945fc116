/** Numbers in a piece: so few that what lives long among what does not keeps little of it. */
const PIECE = 1024
let piece = new Float64Array(PIECE)
let used = 0

/**
 * So many zeros, side by side with others that are asked for at the time: of a thousand series each window makes tens of thousands of short
 * arrays, and memory of its own for each costs ten times what filling it does, and again when it is collected.
 */
export function zeros(size: number): Float64Array {
  if (size > PIECE) return new Float64Array(size)
  if (used + size > PIECE) {
    piece = new Float64Array(PIECE)
    used = 0
  }
  used += size
  return piece.subarray(used - size, used)
}
