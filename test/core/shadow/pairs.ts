import type { Monitor, Shadow, Task } from '../../../src/core/monitor.js'
import type { DivergenceFacts } from '../../../src/core/shadow/event.js'
import { ShadowCounts, type ShadowState } from '../../../src/core/shadow/shadow-counts.js'
import type { Random } from '../../random.js'

/** What two versions made of a request; NaN: nothing. */
export interface Pair {
  readonly champion: number
  readonly challenger: number
  readonly latencies?: readonly [number, number]
}

export function task(type: Task['type'], more: Partial<Task> = {}): Task {
  return { type, positive: null, threshold: null, costs: null, outputs: [{ name: 'score', path: ['score'] }], ...more }
}

export function shadow(more: Partial<Shadow> = {}): Shadow {
  return {
    ...{ champion: 'v12', challenger: 'v13', mode: 'shadow', latency: null, withinMs: 600_000 },
    ...{ limits: { flips: 0.01, score: 0.02 }, minRows: 500, windows: 3 },
    ...more,
  }
}

export const CLASSES = ['ant', 'bee', 'cat']

/** Counted one by one; a canary sees each row alone. */
export function counted(pairs: readonly Pair[], of: Task, mode: Shadow['mode'] = 'shadow'): ShadowState {
  const counts = new ShadowCounts(of, mode, CLASSES)
  for (const pair of pairs) put(counts, pair, 1, mode)
  return counts.state()
}

export function put(counts: ShadowCounts, pair: Pair, sign: 1 | -1, mode: Shadow['mode'] = 'shadow'): void {
  const { champion, challenger, latencies: [first, second] = [Number.NaN, Number.NaN] } = pair
  const [a, b] = [
    { values: [champion], latency: first },
    { values: [challenger], latency: second },
  ]
  counts.made(0, a, sign)
  counts.made(1, b, sign)
  if (mode === 'shadow') counts.paired(a, b, sign)
}

/** Scores whose difference is small, but for a share that lands on the other side of ½. */
export function pairs(random: Random, n: number, { flips = 0, noise = 0.005, slower = 0 } = {}): Pair[] {
  return Array.from({ length: n }, () => {
    const champion = random.next()
    const near = Math.min(1, Math.max(0, champion + noise * random.normal()))
    const same = near >= 0.5 === champion >= 0.5 ? near : champion
    const challenger = random.chance(flips) ? 1 - champion : same
    return { champion, challenger, latencies: [20 + 5 * random.next(), 20 + slower + 5 * random.next()] }
  })
}

export function named(found: readonly DivergenceFacts[], name: DivergenceFacts['name'], of: string | null = null) {
  return found.find(one => one.name === name && one.class === of)!
}

export function shadowed(monitor: Monitor, more: Partial<Shadow> = {}, type: Task['type'] = 'binary'): Monitor {
  return { ...monitor, task: task(type), shadow: shadow(more) }
}
