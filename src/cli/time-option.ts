import { DriftlineError } from '../core/error.js'

/** An ISO time or date given on the command line, as epoch ms; without a zone it is UTC. */
export function parseTime(option: string, text: string): number {
  const zoned = /[zZ]$|[+-]\d\d:?\d\d$/.test(text) || /^\d{4}-\d\d-\d\d$/.test(text)
  const time = /^\d{4}/.test(text) ? Date.parse(zoned ? text : `${text}Z`) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new DriftlineError(
    'bad-input',
    `${option} ${text}: expected an ISO time such as 2026-01-31 or 2026-01-31T12:00:00Z`,
  )
}

/** What `--from` and `--to` say, or such options with a prefix; an end that is not given is left out. */
export function parseRange(
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  prefix = '',
): { readonly from?: number; readonly to?: number } {
  return {
    ...(from === undefined ? {} : { from: parseTime(`--${prefix}from`, from) }),
    ...(to === undefined ? {} : { to: parseTime(`--${prefix}to`, to) }),
  }
}
