import type { Clock } from '../core/ports.js'

export const wallClock: Clock = { now: () => Date.now() }

/** Waits, and gives up waiting when the signal does. Never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal?.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
