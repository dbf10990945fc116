import type { Ecdf } from '../sketch/ecdf.js'
import { fraction } from '../sketch/smooth.js'

/** How far two curves are apart: the largest difference, and the area between them. */
export interface Apart {
  readonly largest: number
  readonly area: number
}

let lastF: Ecdf | null = null
let lastG: Ecdf | null = null
let last: Apart = { largest: 0, area: 0 }

/**
 * sup|F − G| over the union of the knots, from the left and from the right, and ∫|F − G|dx, exactly, in one pass. The pair asked for last is
 * not read again: one distance is seldom wanted alone.
 */
export function apart(f: Ecdf, g: Ecdf): Apart {
  if (f === lastF && g === lastG) return last
  last = measure(f, g)
  lastF = f
  lastG = g
  return last
}

function measure(f: Ecdf, g: Ecdf): Apart {
  const { x: fx, before: fBefore, after: fAfter } = f
  const { x: gx, before: gBefore, after: gAfter } = g
  let largest = 0
  let area = 0
  let x = 0
  let behind = 0 // F − G just after the knot before
  for (let i = 0, j = 0, knots = 0; i < fx.length || j < gx.length; knots++) {
    const from = x
    x = j === gx.length || (i < fx.length && fx[i] <= gx[j]) ? fx[i] : gx[j]
    const ofF = i < fx.length && fx[i] === x
    const ofG = j < gx.length && gx[j] === x
    const fHere = ofF ? fBefore[i] : valueAt(f, i, x)
    const gHere = ofG ? gBefore[j] : valueAt(g, j, x)
    const ahead = fHere - gHere
    if (knots > 0) {
      const height = meanHeight(behind, ahead)
      // Halves, so that a piece wider than the largest double does not overflow before it is weighed.
      if (height > 0) area += 2 * height * (x / 2 - from / 2)
    }
    behind = (ofF ? fAfter[i++] : fHere) - (ofG ? gAfter[j++] : gHere)
    largest = Math.max(largest, Math.abs(ahead), Math.abs(behind))
  }
  return { largest, area }
}

/** The curve at x, which lies before knot i and after the one before. */
function valueAt({ x: knots, before, after }: Ecdf, i: number, x: number): number {
  if (i === 0) return 0
  if (i === knots.length) return 1
  const rise = before[i] - after[i - 1]
  return rise === 0 ? after[i - 1] : after[i - 1] + rise * fraction(knots[i - 1], knots[i], x)
}

/** ∫|linear from u to v| over a unit interval; where it changes sign these are two triangles. */
function meanHeight(u: number, v: number): number {
  const height = Math.abs(u) + Math.abs(v)
  if (height === 0) return 0
  return u * v >= 0 ? height / 2 : (u * u + v * v) / (2 * height)
}
