/** A factor between two units. */
export interface UnitFactor {
  readonly factor: number
  readonly words: string
  /** Names by which a feature's declared unit is recognised. */
  readonly units: readonly string[]
}

/** Factors that pipelines confuse (STATISTICS §5); their inverses are meant too. */
export const FACTORS: readonly UnitFactor[] = [
  { factor: 10, words: '10', units: [] },
  { factor: 100, words: 'per cent ↔ fraction, cents ↔ whole units, cm ↔ m', units: ['%', 'eur', 'usd', 'cm', 'm'] },
  { factor: 1000, words: 'thousands: ms ↔ s, g ↔ kg, m ↔ km', units: ['ms', 's', 'g', 'kg', 'm', 'km', 'l', 'ml'] },
  { factor: 1e4, words: 'basis points, m² ↔ hectares', units: ['bps', 'bp', 'ha'] },
  { factor: 1e5, words: '10⁵', units: [] },
  { factor: 1e6, words: 'millions: µs ↔ s', units: ['us', 'µs', 's', 'mb'] },
  { factor: 1e9, words: 'ns ↔ s', units: ['ns', 's', 'gb'] },
  { factor: 7, words: 'weeks ↔ days', units: ['d', 'day', 'days', 'week', 'weeks', 'w'] },
  { factor: 12, words: 'years ↔ months, feet ↔ inches', units: ['month', 'months', 'year', 'years', 'ft', 'in'] },
  { factor: 24, words: 'days ↔ hours', units: ['h', 'hour', 'hours', 'd', 'day', 'days'] },
  { factor: 30.44, words: 'months ↔ days', units: ['d', 'day', 'days', 'month', 'months'] },
  { factor: 60, words: 'minutes ↔ seconds, hours ↔ minutes', units: ['s', 'min', 'minutes', 'h', 'hours'] },
  { factor: 365.25, words: 'years ↔ days', units: ['d', 'day', 'days', 'year', 'years'] },
  { factor: 1440, words: 'days ↔ minutes', units: ['min', 'minutes', 'd', 'day', 'days'] },
  { factor: 3600, words: 'hours ↔ seconds', units: ['s', 'seconds', 'h', 'hours'] },
  { factor: 86400, words: 'days ↔ seconds', units: ['s', 'seconds', 'd', 'day', 'days'] },
  { factor: 1024, words: 'KiB ↔ bytes', units: ['b', 'byte', 'bytes', 'kb', 'kib', 'mib', 'gib'] },
  { factor: 1.609, words: 'miles ↔ km', units: ['mi', 'mile', 'miles', 'km', 'mph', 'km/h'] },
  { factor: 2.205, words: 'kg ↔ pounds', units: ['kg', 'lb', 'lbs', 'pounds'] },
  { factor: 2.54, words: 'inches ↔ cm', units: ['in', 'inch', 'inches', 'cm'] },
  { factor: 0.3048, words: 'feet ↔ metres', units: ['ft', 'feet', 'm', 'metres'] },
  { factor: 1.8, words: 'degrees °F ↔ °C', units: ['°f', '°c', 'f', 'c'] },
  { factor: Math.PI / 180, words: 'degrees ↔ radians', units: ['deg', '°', 'rad', 'degrees', 'radians'] },
]

/** No unit is that much larger than another one. */
export const LARGEST_LOG = Math.log(1e15)

/** x ↦ scale·x + offset. */
export interface AffineMap {
  readonly scale: number
  readonly offset: number
  readonly words: string
}

export const AFFINE_MAPS: readonly AffineMap[] = [
  { scale: 1.8, offset: 32, words: '°C became °F' },
  { scale: 1 / 1.8, offset: -32 / 1.8, words: '°F became °C' },
  { scale: 1, offset: 273.15, words: '°C became kelvin' },
  { scale: 1, offset: -273.15, words: 'kelvin became °C' },
  { scale: 1.8, offset: -459.67, words: 'kelvin became °F' },
  { scale: 1 / 1.8, offset: 459.67 / 1.8, words: '°F became kelvin' },
]

/** Declared units of which an affine map is expected. */
export const TEMPERATURES: ReadonlySet<string> = new Set(['°c', '°f', 'c', 'f', 'k', 'kelvin', 'celsius', 'fahrenheit'])

/** Every known factor, or its inverse, within `reach` of `log`: those of the declared unit first, then the nearest. */
export function namedFactors(
  log: number,
  reach: number,
  unit: string | null,
): (UnitFactor & { readonly value: number })[] {
  const known = unit?.trim().toLowerCase()
  return FACTORS.flatMap(one => [
    { ...one, value: one.factor },
    { ...one, value: 1 / one.factor },
  ])
    .filter(({ value }) => Math.abs(Math.log(value) - log) <= reach)
    .sort(
      (a, b) =>
        Number(b.units.includes(known ?? '')) - Number(a.units.includes(known ?? '')) ||
        Math.abs(Math.log(a.value) - log) - Math.abs(Math.log(b.value) - log),
    )
}
