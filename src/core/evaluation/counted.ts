import { countedOpening } from '../detect/counted-series.js'
import { begin, type History } from '../detect/history.js'
import type { Judgement } from '../detect/judgement.js'
import { type Case, isOn, type Judged } from './case.js'
import type { Memory } from './memory.js'

/** A series that is judged by its counts, of no baseline. @param about what its summaries begin with */
export function judgedCounts(
  { histories, alerts }: Memory,
  one: Case,
  key: string,
  judgeBy: (history: History, isFiring: boolean) => Judgement,
  about = '',
): Judged {
  const known = histories.get(key)
  const history = known?.baseline === NO_BASELINE ? known : begin(NO_BASELINE, null)
  const judged = judgeBy(history, isOn(alerts.get(key), one.window))
  return { ...one, key, history, judged, open: () => countedOpening(judged, history, about) }
}

/** What a history says of its cells where the baseline has no such series. */
export const NO_BASELINE = 0
