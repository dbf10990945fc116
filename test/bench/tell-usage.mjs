import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Timers so often; what they tell of is the time from one to the next. */
const TIMER_MS = 10
let delays = null

/**
 * Loaded into a process before its program: answers each message of its parent with what it uses. `collected`: after a collection;
 * `loop-delay`: how late timers were since the last such message.
 */
process.on('message', message => process.send(message === 'loop-delay' ? loopDelay() : usage(message === 'collected')))

function usage(collected) {
  if (collected) collect()
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return {
    cpu: (user + system) / 1e6,
    residentMb: rss / 1e6,
    mostResidentMb: process.resourceUsage().maxRSS / 1024,
    inUseMb: (heapUsed + external) / 1e6,
  }
}

/** What waits for it is not told of: nobody else asks for a collection. */
function collect() {
  delays?.disable()
  // The second takes what the first has found to be free of its finalizers.
  for (let i = 0; i < 2; i++) globalThis.gc()
  delays?.enable()
}

function loopDelay() {
  if (delays === null) {
    delays = monitorEventLoopDelay({ resolution: TIMER_MS })
    delays.enable()
  }
  const late = ns => Math.max(0, ns / 1e6 - TIMER_MS)
  const told = { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), most: late(delays.max) }
  delays.reset()
  return told
}

// The parent alone must not keep it alive; and once it is gone, nobody is left to end it.
process.channel?.unref()
process.on('disconnect', () => process.exit())
