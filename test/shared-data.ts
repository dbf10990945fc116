import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** A file of the shared data sets; a missing folder fails the test, it never skips it. */
export function data(name: string): string {
  const folder = process.env['DRIFTLINE_DATA'] ?? resolve(import.meta.dirname, '../../shared/data')
  const path = join(folder, name)
  if (!existsSync(path))
    throw new Error(
      `${path} is missing: put the shared data sets beside the repository, or name their folder in DRIFTLINE_DATA`,
    )
  return path
}
