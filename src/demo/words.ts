/** Simulated time as people read it: `Mon 04:30`, UTC. */
export function clock(ms: number): string {
  const date = new Date(ms)
  return `${['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()]} ${date.toISOString().slice(11, 16)}`
}

/** `40 min`, `3 h 10 min`. */
export function duration(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  if (hours === 0) return `${rest} min`
  return rest === 0 ? `${hours} h` : `${hours} h ${rest} min`
}

export function count(n: number): string {
  return Math.round(n).toLocaleString('en-US')
}

export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}

/** Cells of a text as a terminal shows it: escape sequences take none. */
export function width(text: string): number {
  return text.replace(ESCAPES, '').length
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character
const ESCAPES = /\u001b\[[0-9;]*m/g
