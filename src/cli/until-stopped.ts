const stops = new Set<() => void>()
let listening = false

/**
 * Until Ctrl-C, SIGTERM, or until nobody reads our output any more (`| head`): then the work ends in order, and the exit code is 0.
 */
export async function untilStopped<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stopping = new AbortController()
  const stop = (): void => stopping.abort()
  listenForTornPipe()
  stops.add(stop)
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    return await work(stopping.signal)
  } finally {
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
