import { slotsOf } from '../src/codec/season.js'
import type { Kept } from '../src/core/detect/history.js'
import type { EvaluationState } from '../src/core/evaluation/memory.js'

/** Histories by what they say, wherever its numbers lie: that depends on what was read, or learnt, before. */
export function readable(histories: EvaluationState['histories']) {
  return histories.map(({ key, history }) => {
    const { past, former, during, seasons, ...rest } = history
    const windows = { past: past.map(window), former: former.map(window), during: during.map(window) }
    if (seasons === undefined) return { key, history: { ...rest, ...windows } }
    const { days, newest, ...known } = seasons
    return { key, history: { ...rest, ...windows, seasons: { ...known, slots: slotsOf(seasons) } } }
  })
}

function window({ start, end, profile }: Kept) {
  const { rows, count, counters, cells, distinct, tops, shape } = profile
  return { start, end, rows, count, counters, cells, distinct, tops, shape }
}
