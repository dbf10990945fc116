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

let room = 0
let scratch!: { -readonly [K in keyof Aligned]: Aligned[K] }

/** Reads both curves at all knots of either. The result lives in scratch memory, until the next call. */
export function align(f: Ecdf, g: Ecdf): Aligned {
  if (room < f.x.length + g.x.length) {
    room = 2 * (f.x.length + g.x.length)
    const array = (): Float64Array => new Float64Array(room)
    scratch = { size: 0, x: array(), fBefore: array(), fAfter: array(), gBefore: array(), gAfter: array() }
  }
  scratch ??= { size: 0, x: f.x, fBefore: f.x, fAfter: f.x, gBefore: f.x, gAfter: f.x }
  let n = 0
  for (let i = 0, j = 0; i < f.x.length || j < g.x.length; n++) {
    const x = j === g.x.length || (i < f.x.length && f.x[i] <= g.x[j]) ? f.x[i] : g.x[j]
    scratch.x[n] = x
    const ofF = i < f.x.length && f.x[i] === x
    scratch.fBefore[n] = ofF ? f.before[i] : valueAt(f, i, x)
    scratch.fAfter[n] = ofF ? f.after[i++] : scratch.fBefore[n]
    const ofG = j < g.x.length && g.x[j] === x
    scratch.gBefore[n] = ofG ? g.before[j] : valueAt(g, j, x)
    scratch.gAfter[n] = ofG ? g.after[j++] : scratch.gBefore[n]
  }
  scratch.size = n
  return scratch
}

/** The curve at x, which lies before knot i and after the one before. */
function valueAt({ x: knots, before, after }: Ecdf, i: number, x: number): number {
  if (i === 0) return 0
  if (i === knots.length) return 1
  const rise = before[i] - after[i - 1]
  return rise === 0 ? after[i - 1] : after[i - 1] + rise * fraction(knots[i - 1], knots[i], x)
}
