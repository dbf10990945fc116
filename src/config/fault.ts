import { DriftlineError } from '../core/error.js'

/** Closed, so that each has a test; `check --json` shows it. */
export type FaultKind =
  | 'unreadable'
  | 'yaml'
  | 'unknown-key'
  | 'missing'
  | 'wrong-type'
  | 'bad-value'
  | 'conflict'
  | 'duplicate'

/** One thing wrong with one file: where, what was expected, what is there, and what to do. */
export interface Fault {
  readonly kind: FaultKind
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly column: number
  /** Dotted path of the field; '' for the file as a whole. */
  readonly field: string
  readonly expected: string
  readonly found: string
  readonly remedy: string
}

export function formatFault({ file, line, column, field, expected, found, remedy }: Fault): string {
  const where = `${file}:${line}:${column}`
  return `${where} ${field === '' ? '' : `${field}: `}expected ${expected}, found ${found}. ${remedy}`
}

/** All faults as the one error that is thrown. */
export function faultsError(faults: readonly Fault[]): DriftlineError {
  return new DriftlineError('bad-input', faults.map(formatFault).join('\n'))
}

/** A value as a message shows it: short, and whole only where it is a scalar. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'an empty value'
  if (Array.isArray(value)) return listText(value)
  if (typeof value === 'object') return 'a map'
  if (typeof value !== 'string') return `the ${typeof value} ${String(value)}`
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}…` : value)
}

function listText(list: readonly unknown[]): string {
  if (list.length === 0) return 'an empty list'
  const short = list.length <= 4 && list.every(item => typeof item === 'number' || typeof item === 'boolean')
  return short ? `[${list.join(', ')}]` : `a list of ${list.length}`
}
