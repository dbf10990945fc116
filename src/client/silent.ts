import type { LogLines } from '../log/kafka/logger.js'

/** A library writes no log of its own: what there is to tell is told by the caller's functions. */
export const SILENT: LogLines = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  isLevelEnabled: () => false,
}
