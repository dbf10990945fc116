import pc from 'picocolors'

/** What commands answer, on standard output. */
export const colours = pc.createColors(coloured(process.stdout))

/** What they say beside it, on standard error. */
export const asideColours = pc.createColors(coloured(process.stderr))

/** By the stream that is written to, unless NO_COLOR or FORCE_COLOR say otherwise; a CI's pipe is a pipe. */
function coloured(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR) return false
  return FORCE_COLOR ? FORCE_COLOR !== '0' : stream.isTTY === true && TERM !== 'dumb'
}
