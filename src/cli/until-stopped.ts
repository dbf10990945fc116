/** For leaving in order. */
const LEAVE_WITHIN_MS = 1000

const stops = new Set<() => void>()
let listening = false

/**
 * Until Ctrl-C, SIGTERM, or until nobody reads our output any more (`| head`): then the work ends in order, and the exit code is 0.
 * @param patient wait for that end however long it takes, as what writes must; else whoever hangs, on a broker that does not answer say, is
 * left behind after a second
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>, patient = false): Promise<T> {
  const stopping = new AbortController()
  let leaving: NodeJS.Timeout | undefined
  const stop = (): void => {
    stopping.abort()
    if (!patient) leaving ??= setTimeout(() => process.exit(), LEAVE_WITHIN_MS)
  }
  listenForTornPipe()
  stops.add(stop)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await work(stopping.signal)
  } finally {
    clearTimeout(leaving)
    stops.delete(stop)
    process.off('SIGINT', stop).off('SIGTERM', stop)
  }
}

/** Once a process, and for good: what was written last may fail only after the work has ended. */
function listenForTornPipe(): void {
  if (listening) return
  listening = true
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    for (const stop of stops) stop()
  })
}
