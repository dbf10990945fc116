import { readFileSync } from 'node:fs'

/** Our own Avro schemas lie in `schemas/`, beside `src` and `dist`. */
const FOLDER = new URL('../../schemas/', import.meta.url)

/** @param name for example `part.avsc`, or `history/part-1.avsc` for one that is written no more */
export function readSchema(name: string): object {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as object
}
