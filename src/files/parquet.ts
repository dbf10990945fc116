import { DriftlineError } from '../core/error.js'
import { type Database, literal } from './database.js'
import type { InputFiles } from './input-files.js'
import type { Relation } from './relation.js'
import { typedColumns } from './typed-columns.js'

/** Parquet says itself what its columns are. */
export async function readParquet(database: Database, files: InputFiles): Promise<Relation> {
  const from = `read_parquet([${files.paths.map(literal).join(', ')}], union_by_name = true)`
  try {
    const columns = await typedColumns(database, from)
    const [counted] = await database.rows(`SELECT count(*) AS n FROM ${from}`)
    const rowCount = Number(counted!['n'])
    if (rowCount === 0)
      throw new DriftlineError('bad-input', `${files.asked} has columns but no rows; was its export cut short?`)
    return { from, where: 'true', columns, unreadable: null, rowCount }
  } catch (cause) {
    if (cause instanceof DriftlineError) throw cause
    const what = (cause as Error).message.split('\n')[0]
    throw new DriftlineError(
      'bad-input',
      `${files.asked}: not a readable Parquet file (${what}); copy or export it again`,
      { cause },
    )
  }
}
