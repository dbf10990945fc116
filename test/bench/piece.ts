/** A piece in a process of its own, so that none finds the heap or the compiled code of another. Tells its parent the figures. */

import type { Piece } from './figures.js'
import { inProcess } from './in-process.js'

const [name, records] = process.argv.slice(2)
const pieces: Record<string, (records: number) => Promise<Piece>> = { 'in-process': inProcess }
process.send!(await pieces[name!]!(Number(records)))
process.disconnect()
