/** A piece in a process of its own, so that none finds the heap or the compiled code of another. Tells its parent the figures. */
import { checkpoints } from './checkpoints.js'
import { close } from './close.js'
import { embedded } from './embedded.js'
import { endToEnd } from './end-to-end.js'
import type { Piece } from './figures.js'
import { inProcess } from './in-process.js'
import { joins } from './join.js'
import { scaleOut } from './scale-out.js'
import { sizing } from './sizing.js'
import { soak } from './soak.js'

const [name, size, rate] = process.argv.slice(2)
const pieces: Readonly<Record<string, (size: number, rate: number | null) => Promise<Piece>>> = {
  'in-process': inProcess,
  close,
  embedded,
  'end-to-end': endToEnd,
  checkpoints,
  join: joins,
  'scale-out': scaleOut,
  sizing,
  soak,
}
process.send!(await pieces[name!]!(Number(size), rate === undefined ? null : Number(rate)))
process.disconnect()
