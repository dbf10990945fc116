import { DriftlineError, type ErrorCode } from '../core/error.js'
import { asideColours as aside, colours as pc } from './colours.js'

/** Exit codes of every command (CONTRACTS). */
export const EXIT = { fine: 0, finding: 1, badInput: 2, infrastructure: 3, internal: 70 } as const

const EXIT_OF: Readonly<Record<ErrorCode, number>> = {
  'bad-input': EXIT.badInput,
  infrastructure: EXIT.infrastructure,
  internal: EXIT.internal,
}

/** Tells an error on stderr and returns the exit code it stands for. */
export function fail(error: unknown, json: boolean): number {
  const code: ErrorCode = error instanceof DriftlineError ? error.code : 'internal'
  const message = error instanceof Error ? error.message : String(error)
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, message } })}\n`)
  else process.stderr.write(`${aside.red('error')} ${message}\n`)
  if (code === 'internal' && error instanceof Error && !json) process.stderr.write(`${aside.dim(error.stack ?? '')}\n`)
  return EXIT_OF[code]
}

/** A table with columns as wide as their widest cell; colours do not count. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const width = (text: string): number => text.replace(ANSI, '').length
  const widths = head.map((title, c) => Math.max(width(title), ...rows.map(row => width(row[c] ?? ''))))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, c) => cell + ' '.repeat(widths[c] - width(cell)))
      .join('  ')
      .trimEnd()
  return [pc.dim(line(head)), ...rows.map(line)].join('\n')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence begins with a control character
const ANSI = /\u001b\[[0-9;]*m/g

/** Event time as people read it: UTC, without what is zero. */
export function time(ms: number): string {
  if (!Number.isFinite(ms)) return ms > 0 ? 'the end' : 'never'
  const text = new Date(ms).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.replace('T', ' ').replace(/(:00)?\.000Z$/, 'Z')
}
