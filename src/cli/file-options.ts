import { type Command, Option } from 'commander'
import { mixedNote } from '../files/column.js'
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
    .option('--encoding <name>', 'of CSV files: utf-8, latin-1 or utf-16', 'utf-8')
}

export function tableOptions({ fileFormat, encoding }: FileFlags): TableOptions {
  return { ...(fileFormat ? { format: fileFormat } : {}), ...(encoding ? { encoding } : {}) }
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
