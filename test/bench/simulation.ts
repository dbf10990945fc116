/** A fleet in a process of its own, so that none finds the heap or the compiled code of another. Tells its parent what it measured. */
import type { Shape } from './fleet.js'
import { simulate } from './fleet-line.js'

process.send!(await simulate(JSON.parse(process.argv[2]!) as Shape))
process.disconnect()
