import { type Command, InvalidArgumentError, Option } from 'commander'
import { mixedNote } from '../files/column.js'
import { formatOf } from '../files/input-files.js'
import type { Table, TableOptions } from '../files/table.js'

/** Options of every command that reads a data file. */
export interface FileFlags {
  readonly fileFormat?: 'csv' | 'json' | 'parquet'
  readonly encoding?: string
}

export function fileOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--file-format <format>', 'of the file, where its name does not tell').choices([
        'csv',
        'json',
        'parquet',
      ]),
    )
    .addOption(
      new Option('--encoding <name>', 'of CSV files: utf-8, latin-1 or utf-16').argParser(encodingOf).default('utf-8'),
    )
}

/** What DuckDB reads without an extension, by the names that people write. */
const ENCODINGS: Readonly<Record<string, string>> = {
  'utf-8': 'utf-8',
  utf8: 'utf-8',
  ascii: 'utf-8',
  'latin-1': 'latin-1',
  latin1: 'latin-1',
  'iso-8859-1': 'latin-1',
  'utf-16': 'utf-16',
  utf16: 'utf-16',
}

function encodingOf(name: string): string {
  const known = ENCODINGS[name.toLowerCase().replaceAll('_', '-')]
  if (known !== undefined) return known
  throw new InvalidArgumentError(
    `Expected utf-8, latin-1 or utf-16. Convert a file in another encoding first, for example: iconv -f ${name} -t utf-8 in.csv > out.csv`,
  )
}

export function tableOptions({ fileFormat, encoding }: FileFlags): TableOptions {
  return { ...(fileFormat ? { format: fileFormat } : {}), ...(encoding ? { encoding } : {}) }
}

/** Of one of several files: what is said of the format holds for those whose names do not tell. */
export function tableOptionsOf(flags: FileFlags, path: string): TableOptions {
  const { format: _, ...others } = tableOptions(flags)
  return formatOf(path) === null ? tableOptions(flags) : others
}

/** Says on stderr what of a file could not be read as it should. */
export function tellUnreadable(table: Table): void {
  const { unreadable } = table
  if (unreadable)
    process.stderr.write(
      `note: ${table.source}: ${unreadable.exact ? '' : 'at least '}${unreadable.count} line(s) left out; ` +
        `the first is line ${unreadable.line}, ${unreadable.reason}${unreadable.text ? `: ${unreadable.text}` : ''}\n`,
    )
  for (const column of table.columns) {
    const note = mixedNote(column)
    if (note) process.stderr.write(`note: ${table.source}: ${note}\n`)
  }
}
