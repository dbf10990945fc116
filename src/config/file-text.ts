import { readFileSync } from 'node:fs'
import type { Fault } from './fault.js'

/** The UTF-8 text of a file, or why it cannot be read. */
export function readText(file: string): { readonly text: string } | { readonly fault: Fault } {
  const failed = (expected: string, found: string, remedy: string): { fault: Fault } => ({
    fault: { kind: 'unreadable', file, line: 1, column: 1, field: '', expected, found, remedy },
  })
  let bytes: Uint8Array
  try {
    bytes = readFileSync(file)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return failed('a file', code === 'ENOENT' ? 'none' : message, 'Check that it is there and may be read.')
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch {
    return failed('a text in UTF-8', 'other bytes', 'Save the file as UTF-8.')
  }
}
