import { DriftlineError } from '../core/error.js'
import type { FileColumn } from './column.js'
import { readHeader } from './csv-header.js'
import { type Database, identifier, literal } from './database.js'
import type { InputFiles } from './input-files.js'
import type { Relation, Unreadable } from './relation.js'
import { typesOfTexts } from './text-types.js'

/** One more column than the header has: what lands in it is a line with a cell too many, whose other cells cannot be trusted. */
const SURPLUS = 'driftline surplus cell'
const REJECTS_TOLD = 1000

/** CSV, read as texts throughout; what the columns are is decided on the whole file, never on a sample. */
export async function readCsv(database: Database, files: InputFiles, encoding: string): Promise<Relation> {
  const { delimiter, names } = await readHeader(database, files, encoding)
  const options = [
    `auto_detect = false`,
    `header = true`,
    `delim = ${literal(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `columns = {${[...names, SURPLUS].map(name => `${literal(name)}: 'VARCHAR'`).join(', ')}}`,
    `null_padding = true`,
    `ignore_errors = true`,
    `compression = '${files.gzip ? 'gzip' : 'none'}'`,
    `encoding = ${literal(encoding)}`,
  ]
  const relation = (more: readonly string[]) =>
    `read_csv([${files.paths.map(literal).join(', ')}], ${[...options, ...more].join(', ')})`
  const whole = `${identifier(SURPLUS)} IS NULL`
  // A cell that is not read is not checked: where lines are left out, every scan must read all cells to leave out the same.
  const checked = `${whole} AND concat(${names.map(identifier).join(', ')}) IS NOT NULL`
  const texts = names.map(
    (name): FileColumn => ({ name, type: 'text', integer: false, mixed: null, sql: identifier(name), held: 'text' }),
  )
  const { way, rows, unreadable } = await bestWay(database, files, names, relation)
  const from = relation(way)
  const where = unreadable ? checked : whole
  return { from, where, columns: await typesOfTexts(database, from, where, texts), unreadable, rowCount: rows }
}

/** The parallel reader misreads some cells with line ends; the strict one refuses files whose lines end in two ways. */
const WAYS = [[], ['parallel = false'], ['parallel = false', 'strict_mode = false']]

interface Counted {
  readonly rows: number
  readonly unreadable: Unreadable | null
}

async function bestWay(
  database: Database,
  files: InputFiles,
  names: readonly string[],
  relation: (options: readonly string[]) => string,
): Promise<Counted & { readonly way: readonly string[] }> {
  let best: (Counted & { way: readonly string[] }) | null = null
  let failure: unknown
  for (const way of WAYS) {
    // The loose reader cuts cells off at a stray quote: only where nothing else reads the file.
    if (best && way === WAYS.at(-1) && !isRuin(best)) break
    try {
      const from = relation([...way, 'store_rejects = true', `rejects_limit = ${REJECTS_TOLD}`])
      const counted = await count(database, names, from)
      if (!best || counted.rows > best.rows) best = { way, ...counted }
      if (!counted.unreadable) break
    } catch (cause) {
      failure = cause
    }
  }
  if (best && !isRuin(best)) return best
  if (best) throw ruin(files, best)
  const what = (failure as Error).message.split('\n')[0]
  throw new DriftlineError('bad-input', `${files.asked}: cannot be read as CSV (${what}); export it again`, {
    cause: failure,
  })
}

async function count(database: Database, names: readonly string[], from: string): Promise<Counted> {
  await database.run('DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans')
  const extra = identifier(SURPLUS)
  const read = names.map((name, i) => `count(${identifier(name)}) AS c${i}`)
  const [all] = await database.rows(
    `SELECT count(*) AS rows, count(${extra}) AS surplus, ${read.join(', ')} FROM ${from}`,
  )
  const surplus = Number(all!['surplus'])
  const [rejects] = await database.rows('SELECT count(DISTINCT (file_id, line)) AS n FROM reject_errors')
  const rejected = Number(rejects!['n'])
  const rows = Number(all!['rows']) - surplus
  if (surplus + rejected === 0) return { rows, unreadable: null }
  const [first] = await database.rows('SELECT line, csv_line, error_type FROM reject_errors ORDER BY line LIMIT 1')
  await database.inOrder()
  const [odd] = surplus
    ? await database.rows(
        `SELECT row_number + 1 AS line, * FROM (SELECT row_number() OVER () AS row_number, * FROM ${from}) WHERE ${extra} IS NOT NULL LIMIT 1`,
      )
    : []
  const useFirst = first && (!odd || Number(first['line']) <= Number(odd['line']))
  const shown = useFirst ? String(first['csv_line']) : Object.values(odd!).slice(2).join(',')
  return {
    rows,
    unreadable: {
      count: surplus + rejected,
      exact: rejected < REJECTS_TOLD,
      line: Number((useFirst ? first : odd!)['line']),
      text: shown.split('\n')[0]!.slice(0, 120),
      reason: useFirst ? reasonOf(String(first['error_type'])) : 'more cells than the header',
    },
  }
}

function reasonOf(type: string): string {
  if (type === 'INVALID ENCODING') return 'not UTF-8: name the encoding, such as --encoding latin-1'
  if (type === 'TOO MANY COLUMNS') return 'more cells than the header'
  return type === 'UNQUOTED VALUE' ? 'a quote that is not closed' : type.toLowerCase()
}

/** A few bad lines are told; many mean that the file is not what it seems. */
function isRuin({ rows, unreadable }: Counted): boolean {
  return rows === 0 || (unreadable !== null && unreadable.count > Math.max(10, rows / 10))
}

function ruin(files: InputFiles, { rows, unreadable }: Counted): DriftlineError {
  if (!unreadable)
    return new DriftlineError('bad-input', `${files.asked} has a header but no rows; was its export cut short?`)
  return new DriftlineError(
    'bad-input',
    `${files.asked}: ${unreadable.exact ? '' : 'more than '}${unreadable.count} lines cannot be read beside ${rows} that can; ` +
      `the first is line ${unreadable.line}, ${unreadable.reason}: ${unreadable.text}`,
  )
}
