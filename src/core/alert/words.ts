/** Numbers and shares as the alert's sentences write them: three significant digits, no float noise. */
export function number(x: number, digits = 3): string {
  if (!Number.isFinite(x)) return String(x)
  const size = Math.abs(x)
  if (size !== 0 && (size >= 1e7 || size < 1e-4)) return x.toExponential(digits - 1)
  return String(Number(size >= 10 ** digits ? x.toFixed(0) : x.toPrecision(digits)))
}

/** "41.9 → 42.1"; with more digits where three would be the same: "41.884 → 41.881". */
export function fromTo(from: number, to: number): string {
  let digits = 3
  while (digits < 8 && from !== to && number(from, digits) === number(to, digits)) digits++
  return `${number(from, digits)} → ${number(to, digits)}`
}

/** A share in per cent, with enough digits to tell small ones from none. */
export function percent(share: number): string {
  const points = 100 * share
  return `${points >= 10 || points === 0 ? points.toFixed(0) : points >= 0.1 ? points.toFixed(1) : points.toPrecision(1)} %`
}

/** "rose from 1 % to 14 %". */
export function moved(from: number, to: number): string {
  return `${to > from ? 'rose' : 'fell'} from ${percent(from)} to ${percent(to)}`
}

/** "5 min", "7.5 h", "3.25 d": in the largest unit that it is one of. */
export function lasting(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(ms) >= size) ?? UNITS.at(-1)!
  return `${number(ms / size)} ${unit}`
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const

/** Event time to the second. */
export function moment(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}
