import { DriftlineError } from '../core/error.js'
import type { TimeUnit } from '../core/monitor.js'

/** Where a field of an event comes from: a column of the file (`#`: the row number), or the same text for every event. */
export type FieldSource = { readonly column: string; readonly unit: TimeUnit | null } | { readonly constant: string }

/** Field of the event (dotted path) → its source; with the option that gave it, for messages: `--map` unless told. */
export type FieldMap = ReadonlyMap<string, FieldSource> & { readonly option?: string }

const UNITS: readonly string[] = ['ms', 'us', 'ns', 's', 'iso']

/** Reads options such as `--map`: `field=column`, `field=column:unit` for times, `field=#` for the row number, `field:=text` for a constant. */
export function parseFieldMap(options: readonly string[], name = '--map'): FieldMap {
  const map = new Map<string, FieldSource>()
  for (const option of options) {
    const [, field, colon, source] = /^([^=:]+)(:?)=(.+)$/s.exec(option) ?? []
    if (field === undefined || source === undefined)
      throw new DriftlineError(
        'bad-input',
        `${name} ${option}: expected field=column, field=column:unit (ms, us, ns, s, iso), field=# for the row number, or field:=text`,
      )
    if (map.has(field))
      throw new DriftlineError('bad-input', `${name} names the field ${field} twice; keep one of them`)
    map.set(field, colon === ':' ? { constant: source } : columnSource(source))
  }
  return Object.assign(map, { option: name })
}

function columnSource(source: string): FieldSource {
  const at = source.lastIndexOf(':')
  const unit = source.slice(at + 1)
  if (at > 0 && UNITS.includes(unit)) return { column: source.slice(0, at), unit: unit as TimeUnit }
  return { column: source, unit: null }
}
