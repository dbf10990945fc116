import type { Command } from './guarded.js'

/** How one service is started on one port, with one folder for what it writes. */
export interface Start {
  /** Run to its end before the first start. */
  readonly prepare?: Command
  readonly command: Command
}
