const UNITS = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const
type Unit = keyof typeof UNITS
const units = Object.keys(UNITS) as readonly Unit[]

/** Longer is a slip of the pen, and far from where milliseconds lose exactness. */
const LONGEST_MS = 3660 * UNITS.d

/** Of a duration, for editors; `parseDuration` decides. */
export const DURATION_PATTERN = '^\\s*(\\d+\\s*(w|d|h|ms|m|s)\\s*)+$'

export type Duration = { readonly ms: number } | { readonly remedy: string }

/** Reads `30d`, `1h 15m`, `250ms`: whole numbers with a unit, each unit once, added up. A duration that is none says how to write it. */
export function parseDuration(text: string): Duration {
  const seen = new Set<string>()
  let ms = 0
  const rest = text.trim().replaceAll(/(?<![\d.,])(\d+)\s*([a-zµ]+)\s*/gi, (whole, digits: string, unit: string) => {
    if (!Object.hasOwn(UNITS, unit) || seen.has(unit)) return whole
    seen.add(unit)
    ms += Number(digits) * UNITS[unit as Unit]
    return ''
  })
  if (rest === '' && seen.size > 0)
    return ms <= LONGEST_MS ? { ms } : { remedy: `The longest duration is ${LONGEST_MS / UNITS.d}d.` }
  return { remedy: remedyFor(rest) }
}

function remedyFor(rest: string): string {
  if (/^[-−]/.test(rest)) return 'A duration cannot be negative.'
  if (/^\d+$/.test(rest)) return `Add the unit, for example ${rest}s or ${rest}m.`
  if (/^\d*[.,]\d/.test(rest)) return 'Use whole numbers: 1h 30m, not 1.5h.'
  const unit = /^\d+\s*([a-zµ]+)/i.exec(rest)?.[1]
  if (unit === undefined) return 'Write whole numbers with units, for example 30d or 1h 15m.'
  if (Object.hasOwn(UNITS, unit)) return `Name each unit once; ${unit} is there twice.`
  return `The units are ${units.join(', ')}; ${JSON.stringify(unit)} is none of them.`
}

/** The shortest text that `parseDuration` reads as this many milliseconds: 5400000 is `1h 30m`. */
export function formatDuration(ms: number): string {
  let rest = ms
  const words: string[] = []
  for (const unit of units.slice(1)) {
    const count = Math.floor(rest / UNITS[unit])
    rest -= count * UNITS[unit]
    if (count > 0) words.push(`${count}${unit}`)
  }
  return words.length === 0 ? '0s' : words.join(' ')
}
