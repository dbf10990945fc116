import type { Ecdf } from '../sketch/ecdf.js'
import { fraction } from '../sketch/smooth.js'

/** Two curves at the union of their knots, both limits each. */
export interface Aligned {
  readonly size: number
  readonly x: Float64Array
  readonly fBefore: Float64Array
  readonly fAfter: Float64Array
  readonly gBefore: Float64Array
  readonly gAfter: Float64Array
}

let room = -1
let aligned!: { -readonly [K in keyof Aligned]: Aligned[K] }
let lastF: Ecdf | null = null
let lastG: Ecdf | null = null

/**
 * Reads both curves at all knots of either. The result lives in scratch memory, until the next call; a pair that is asked for again, by
 * another distance, is not read again.
 */
export function align(f: Ecdf, g: Ecdf): Aligned {
  if (f === lastF && g === lastG) return aligned
  const [fSize, gSize] = [f.x.length, g.x.length]
  if (room < fSize + gSize) {
    room = 2 * (fSize + gSize)
    const array = (): Float64Array => new Float64Array(room)
    aligned = { size: 0, x: array(), fBefore: array(), fAfter: array(), gBefore: array(), gAfter: array() }
  }
  const { x: xs, fBefore, fAfter, gBefore, gAfter } = aligned
  let n = 0
  for (let i = 0, j = 0; i < fSize || j < gSize; n++) {
    const x = j === gSize || (i < fSize && f.x[i] <= g.x[j]) ? f.x[i] : g.x[j]
    xs[n] = x
    if (i < fSize && f.x[i] === x) {
      fBefore[n] = f.before[i]
      fAfter[n] = f.after[i++]
    } else fBefore[n] = fAfter[n] = valueAt(f, i, x)
    if (j < gSize && g.x[j] === x) {
      gBefore[n] = g.before[j]
      gAfter[n] = g.after[j++]
    } else gBefore[n] = gAfter[n] = valueAt(g, j, x)
  }
  aligned.size = n
  lastF = f
  lastG = g
  return aligned
}

/** The curve at x, which lies before knot i and after the one before. */
function valueAt({ x: knots, before, after }: Ecdf, i: number, x: number): number {
  if (i === 0) return 0
  if (i === knots.length) return 1
  const rise = before[i] - after[i - 1]
  return rise === 0 ? after[i - 1] : after[i - 1] + rise * fraction(knots[i - 1], knots[i], x)
}
