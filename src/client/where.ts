import type { AlertEvent, AlertKind, AlertStatus } from '../core/alert/event.js'

type OneOrMore<T> = T | readonly T[]

/** Which alerts and incidents: all that is given must hold; of a list, one. Told by the record's headers, so the others are not even decoded. */
export interface Where {
  readonly model?: OneOrMore<string>
  readonly kind?: OneOrMore<AlertKind>
  readonly severity?: OneOrMore<AlertEvent['severity']>
  readonly status?: OneOrMore<AlertStatus>
}

const NAMES = ['model', 'kind', 'severity', 'status'] as const

/** A record without such headers does not match a filter. */
export function headerFilter(where: Where): (headers: Readonly<Record<string, Uint8Array>>) => boolean {
  const conditions = NAMES.flatMap(name => {
    const wanted = where[name]
    if (wanted === undefined) return []
    return [{ header: `ce_${name}`, wanted: new Set<string>(typeof wanted === 'string' ? [wanted] : wanted) }]
  })
  return headers =>
    conditions.every(({ header, wanted }) => {
      const value = headers[header]
      return value !== undefined && wanted.has(Buffer.from(value).toString())
    })
}

/** Whether an alert may match now and not at another time: then nobody can tell what is missing among its events. */
export function hidesSteps({ severity, status }: Where): boolean {
  return severity !== undefined || status !== undefined
}
