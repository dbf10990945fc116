/** Writes schemas/monitor.schema.json, for editors: `npx tsx src/config/json-schema.ts`. */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { monitorSchema } from './monitor-schema.js'

const FILE = fileURLToPath(new URL('../../schemas/monitor.schema.json', import.meta.url))

/** JSON Schema (2020-12) of a monitor file as it is written: types, defaults and descriptions, not the rules between fields. */
export function monitorJsonSchema(): object {
  return z.toJSONSchema(monitorSchema, { io: 'input' })
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(FILE, `${JSON.stringify(monitorJsonSchema(), null, 2)}\n`)
