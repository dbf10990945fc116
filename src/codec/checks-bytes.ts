import type { Evidence } from '../core/alert/event.js'
import { numberText, quotedText } from './json-parts.js'

/** What is written; it grows with the longest list of checks. */
let memory = Buffer.alloc(1024)
let used = 0
/** Letters of a number at most, in the four of a check. */
const NUMBERS = 4 * '-1.7976931348623157e+308'.length

/**
 * The JSON of a verdict's checks as UTF-8, letter for letter what `JSON.stringify` makes of them: thirty of them have the same names, and
 * nearly the same texts, again and again. These are copied as bytes; joined to a text they cost twice as much. Numbers that are not finite are
 * as `jsonBytes` has them.
 * @returns memory that the next call takes again
 */
export function checksBytes(checks: readonly Evidence[]): Uint8Array {
  used = 0
  if (checks.length === 0) addBytes(OPENED)
  for (let c = 0; c < checks.length; c++) {
    const { value, threshold, noiseFloor, phi } = checks[c]
    const fixed = fixedOf(checks[c])
    makeRoom(fixed.size + NUMBERS)
    addBytes(fixed.beforeValue)
    addNumber(value)
    addBytes(THRESHOLD)
    addNumber(threshold)
    addBytes(fixed.beforeFloor)
    addNumber(noiseFloor)
    addBytes(fixed.beforePhi)
    addNumber(phi)
    addBytes(fixed.last)
  }
  makeRoom(1)
  addBytes(CLOSED)
  // In place of the first comma.
  memory.set(OPENED)
  return memory.subarray(0, used)
}

const OPENED = Buffer.from('[')
const CLOSED = Buffer.from(']')
const THRESHOLD = Buffer.from(',"threshold":')

function addBytes(bytes: Uint8Array): void {
  memory.set(bytes, used)
  used += bytes.length
}

function addNumber(x: number | null): void {
  const text = numberText(x)
  // A name of its own: what a module may change is looked up for every letter.
  const bytes = memory
  for (let i = 0, at = used; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
  used += text.length
}

function makeRoom(size: number): void {
  if (used + size <= memory.length) return
  const larger = Buffer.alloc(2 * (used + size))
  larger.set(memory.subarray(0, used))
  memory = larger
}

/** What stands around the numbers of a check, after a comma. */
interface Fixed {
  readonly beforeValue: Uint8Array
  readonly beforeFloor: Uint8Array
  readonly beforePhi: Uint8Array
  readonly last: Uint8Array
  /** Of all of it. */
  readonly size: number
}

interface Known {
  readonly check: Evidence
  readonly fixed: Fixed
}

/** Of the newest check of each name, by what it is against. */
const known = new Map<string, Map<string, Known>>()
/** Labels are checks too, and there may be labels without end. */
const MOST_KNOWN = 1000

function fixedOf(check: Evidence): Fixed {
  let named = known.get(check.against)
  if (named === undefined) known.set(check.against, (named = new Map()))
  const before = named.get(check.check)
  if (before !== undefined && isSame(before.check, check)) return before.fixed
  if (named.size >= MOST_KNOWN) named.clear()
  const fixed = fixedBytes(check)
  named.set(check.check, { check, fixed })
  return fixed
}

function isSame(a: Evidence, b: Evidence): boolean {
  return (
    a.n === b.n &&
    a.m === b.m &&
    a.alpha === b.alpha &&
    a.outcome === b.outcome &&
    a.because === b.because &&
    a.decides === b.decides &&
    a.calibrated === b.calibrated &&
    a.thresholdFrom === b.thresholdFrom &&
    a.statistic === b.statistic
  )
}

function fixedBytes({ against, check, statistic, thresholdFrom, ...rest }: Evidence): Fixed {
  const { alpha, calibrated, n, m, outcome, because, decides } = rest
  const names = `"against":${quotedText(against)},"check":${quotedText(check)},"statistic":${quotedText(statistic)}`
  const beforeValue = Buffer.from(`,{${names},"value":`)
  const beforeFloor = Buffer.from(`,"thresholdFrom":${quotedText(thresholdFrom)},"noiseFloor":`)
  const beforePhi = Buffer.from(`,"alpha":${numberText(alpha)},"phi":`)
  const last = Buffer.from(
    `,"calibrated":${calibrated},"n":${numberText(n)},"m":${numberText(m)},` +
      `"outcome":${quotedText(outcome)},"because":${quotedText(because)},"decides":${decides}}`,
  )
  const size = beforeValue.length + THRESHOLD.length + beforeFloor.length + beforePhi.length + last.length
  return { beforeValue, beforeFloor, beforePhi, last, size }
}
