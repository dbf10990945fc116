import type { Logger } from 'pino'
import { pause } from '../service/clock.js'

/** A step of the start that takes longer is told. */
const LONG_MS = 5000
const LOOK_MS = 500
/** For leaving in order, where a start is broken off. */
const LEAVE_WITHIN_MS = 1000

/**
 * Waits for the start, but not beyond the signal; what it waits for is told where a step takes long, once a step.
 * @returns whether it is done; if not, the start may go on, and whoever asked leaves without it
 */
export async function startedBefore(
  signal: AbortSignal,
  logger: Logger,
  start: Promise<void>,
  step: () => string,
): Promise<boolean> {
  const over = new AbortController()
  void tellSlowSteps(over.signal, logger, step)
  const stopped = new Promise<false>(resolve => {
    if (signal.aborted) resolve(false)
    signal.addEventListener('abort', () => resolve(false), { once: true })
  })
  try {
    return await Promise.race([start.then(() => true), stopped])
  } finally {
    over.abort()
    start.catch(() => {})
  }
}

/** Leaves in order as far as the time goes: what a broken start still tries is not waited for. */
export async function leaveSoon(leave: () => Promise<void>): Promise<void> {
  await Promise.race([leave().catch(() => {}), pause(LEAVE_WITHIN_MS)])
}

async function tellSlowSteps(over: AbortSignal, logger: Logger, step: () => string): Promise<void> {
  let [at, forMs] = [step(), 0]
  while (!over.aborted) {
    await pause(LOOK_MS, over)
    if (over.aborted) return
    forMs = step() === at ? forMs + LOOK_MS : 0
    at = step()
    if (forMs === LONG_MS) logger.warn({ waitingFor: at }, `still starting: ${at}`)
  }
}
