import { DriftlineError } from '../core/error.js'
import { type Database, literal } from './database.js'
import type { InputFiles } from './input-files.js'

export interface CsvHeader {
  readonly delimiter: string
  readonly names: readonly string[]
}

const DELIMITERS = [',', ';', '\t', '|']

/**
 * Delimiter and names of CSV files, from their first lines. Our own, because DuckDB's sniffer decides on a sample: a file whose first
 * quote comes after it is then read without quotes, and one without a header gets its first row as names or loses it.
 */
export async function readHeader(database: Database, files: InputFiles, encoding: string): Promise<CsvHeader> {
  let first: CsvHeader | null = null
  for (const path of files.paths) {
    const header = parseHeader(path, await firstLines(database, files, path, encoding))
    if (first && first.names.join('\n') !== header.names.join('\n'))
      throw new DriftlineError(
        'bad-input',
        `${path}: its header differs from ${files.paths[0]} (${header.names.join(', ')}); give all files the same columns in the same order`,
      )
    first ??= header
  }
  return first!
}

function parseHeader(path: string, lines: readonly string[]): CsvHeader {
  if (lines.length === 0) throw new DriftlineError('bad-input', `${path} has no lines; was its export cut short?`)
  if (lines[0]!.includes('\0'))
    throw new DriftlineError(
      'bad-input',
      `${path} looks like UTF-16; export it as UTF-8, or read it with --encoding utf-16`,
    )
  const delimiter = delimiterOf(lines)
  const names = cells(lines[0]!, delimiter).map(cell => cell.trim())
  while (names.length > 1 && names.at(-1) === '') names.pop()
  checkHeader(path, names)
  if (lines.length === 1)
    throw new DriftlineError('bad-input', `${path} has a header but no rows; was its export cut short?`)
  return { delimiter, names: names.map((name, i) => name || `column${i + 1}`) }
}

/** The one that cuts the header into the most cells; lines that follow break a tie. */
function delimiterOf(lines: readonly string[]): string {
  const count = (delimiter: string) => cells(lines[0]!, delimiter).length
  const agree = (delimiter: string) => lines.filter(line => cells(line, delimiter).length === count(delimiter)).length
  return [...DELIMITERS].sort((a, b) => count(b) - count(a) || agree(b) - agree(a))[0]!
}

function checkHeader(path: string, names: readonly string[]): void {
  const remedy = 'write the column names as the first line'
  const isNumber = (text: string) => text !== '' && Number.isFinite(Number(text))
  if (names.filter(isNumber).length > names.length / 2)
    throw new DriftlineError(
      'bad-input',
      `${path} has no header: its first line reads ${names.slice(0, 5).join(', ')}; ${remedy}`,
    )
  // pandas writes its index under an empty name: one is fine.
  if (names.filter(name => name === '').length > 1)
    throw new DriftlineError('bad-input', `${path}: several columns have no name; ${remedy}`)
  const twice = names.find((name, i) => names.findIndex(other => other.toLowerCase() === name.toLowerCase()) !== i)
  if (twice !== undefined)
    throw new DriftlineError(
      'bad-input',
      `${path}: the header names the column ${twice} twice, or there is no header; ${remedy}, each once`,
    )
}

/** Up to 20 lines that are not empty. */
export async function firstLines(
  database: Database,
  files: InputFiles,
  path: string,
  encoding: string,
): Promise<string[]> {
  const compression = files.gzip ? 'gzip' : 'none'
  const sql =
    `SELECT line FROM read_csv(${literal(path)}, auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', ` +
    `columns = {line: 'VARCHAR'}, compression = '${compression}', encoding = ${literal(encoding)}, strict_mode = false, ` +
    'ignore_errors = true, parallel = false) WHERE line IS NOT NULL LIMIT 20'
  try {
    return (await database.rows(sql)).map(row => String(row['line']))
  } catch (cause) {
    throw new DriftlineError(
      'bad-input',
      `${path}: cannot be read as text (${(cause as Error).message.split('\n')[0]})`,
      { cause },
    )
  }
}

/** Cells of one line, quotes respected. */
function cells(line: string, delimiter: string): string[] {
  const found: string[] = []
  let cell = ''
  let quoted = false
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (quoted) {
      if (c !== '"') cell += c
      else if (line[i + 1] === '"') cell += line[i++]
      else quoted = false
    } else if (c === '"' && cell === '') quoted = true
    else if (c === delimiter) {
      found.push(cell)
      cell = ''
    } else cell += c
  }
  found.push(cell)
  return found
}
