/**
 * Epoch milliseconds of an ISO 8601 time in bytes[from, from + length), NaN when it is none: `2026-01-05`, `2026-01-05T10:00`, seconds and any
 * fraction (below a millisecond cut off), `Z`, `±hh:mm`, `±hhmm` or no zone, which is UTC. Strict, unlike `Date.parse`: no 30th of February.
 */
export function isoTime(bytes: Uint8Array, from: number, length: number): number {
  const end = from + length
  const two = (at: number): number =>
    at + 2 <= end && digit(bytes[at]) && digit(bytes[at + 1]) ? (bytes[at] - 48) * 10 + bytes[at + 1] - 48 : -1
  const sign = (at: number): string => (at < end ? String.fromCharCode(bytes[at]) : '')
  const century = two(from)
  const year = two(from + 2)
  const month = two(from + 5)
  const day = two(from + 8)
  if (century < 0 || year < 0 || sign(from + 4) !== '-' || sign(from + 7) !== '-') return Number.NaN
  if (month < 1 || month > 12 || day < 1 || day > daysIn(month, century * 100 + year)) return Number.NaN
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; 400 years are the calendar's period.
  let time = Date.UTC(century * 100 + year + 400, month - 1, day) - FOUR_CENTURIES_MS
  let at = from + 10
  if (at === end) return time
  if (sign(at) !== 'T' && sign(at) !== 't' && sign(at) !== ' ') return Number.NaN
  const hour = two(at + 1)
  const minute = two(at + 4)
  if (sign(at + 3) !== ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59) return Number.NaN
  time += hour * 3_600_000 + minute * 60_000
  at += 6
  if (sign(at) === ':') {
    const second = two(at + 1)
    if (second < 0 || second > 59) return Number.NaN
    time += second * 1000
    at += 3
    if (sign(at) === '.' || sign(at) === ',') {
      const start = ++at
      for (let unit = 100; at < end && digit(bytes[at]); at++, unit /= 10)
        if (unit >= 1) time += (bytes[at] - 48) * unit
      if (at === start) return Number.NaN
    }
  }
  if (at === end) return time
  const zone = sign(at)
  if (zone === 'Z' || zone === 'z') return at + 1 === end ? time : Number.NaN
  const minutesAt = sign(at + 3) === ':' ? at + 4 : at + 3
  const hours = two(at + 1)
  const minutes = at + 3 === end ? 0 : two(minutesAt)
  if ((zone !== '+' && zone !== '-') || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return Number.NaN
  if (at + 3 !== end && minutesAt + 2 !== end) return Number.NaN
  const offset = (hours * 60 + minutes) * 60_000
  return zone === '+' ? time - offset : time + offset
}

const FOUR_CENTURIES_MS = 146_097 * 86_400_000

function digit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
}

function daysIn(month: number, year: number): number {
  return month === 2 ? (isLeap(year) ? 29 : 28) : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

/** The windows of a while share their times. */
const MOST_TEXTS = 1000
const texts = new Map<number, string>()

/** ISO 8601 with milliseconds, UTC, of epoch milliseconds. */
export function isoText(time: number): string {
  let text = texts.get(time)
  if (text === undefined) {
    if (texts.size >= MOST_TEXTS) texts.clear()
    texts.set(time, (text = new Date(time).toISOString()))
  }
  return text
}
