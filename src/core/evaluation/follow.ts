import type { VerdictEvent } from '../alert/event.js'
import { CLEAR, type Observation } from '../alert/lifecycle.js'
import { isTold } from '../alert/severity.js'
import { alertStep } from '../alert/standing.js'
import type { Finding } from '../detect/finding.js'
import { correct, type History, type Kept, regained, remember, watched } from '../detect/history.js'
import type { Judgement } from '../detect/judgement.js'
import { continued } from '../detect/opening.js'
import { isBesideMoved } from '../detect/relation.js'
import type { Judged } from './case.js'
import type { Decisions } from './decisions.js'
import type { Memory } from './memory.js'
import { isHeard, retraction, stepped, tell } from './publish.js'
import { quietly } from './relate.js'

/** After a verdict: its alert is stepped, its history grown. A revision corrects the history, and may take back an alert. */
export function follow(memory: Memory, one: Judged, verdict: VerdictEvent, decisions: Decisions): void {
  const { key, history, judged, window } = one
  if (judged.profile === null) return
  const kept: Kept = { start: window.start, end: window.end, profile: judged.profile }
  if (window.revision > 0) {
    revise(memory, one, verdict, kept, decisions)
    return
  }
  const { scores, limits } = judged
  const learn = (after: History): void => void memory.histories.set(key, learnt(memory, one, after))
  // Windows before the first that may alert only build history.
  if (window.end < memory.around.alertsFrom) {
    learn(remember(watched(history, scores), kept, [], 'none', CLEAR, limits))
    return
  }
  const { outcome, ratio, effect, confirmed } = judged
  const over = memory.alerts.over(key, history, judged)
  const looksAgain = one.seasonOf !== undefined
  const seen: Observation = { outcome, ratio, effect, confirmed, window, looksAgain, over }
  const next = stepped(memory, one, seen, one.open)
  const did = alertStep(next, seen)
  const isBeside = did === 'none' && isBesideMoved(judged.inspection)
  learn(remember(judged.history, kept, scores, isBeside ? 'beside' : did, CLEAR, limits))
  const flap = memory.flapping.follow(key, next, window, memory.monitor.window.advanceMs)
  const finding = next.state && continued(next.state, judged)
  const isTold = finding !== null && tell(memory, one, verdict, finding, next, madeBy(judged, finding), decisions, flap)
  // What a mute kept back was not told once.
  if (next.transition === 'firing' && !isTold && !flap.isHeld) memory.flapping.forget(key)
}

/** With the slots of the week brought up to date, of a series that may have them. */
function learnt({ season }: Memory, { seasonOf, history }: Judged, after: History): History {
  return seasonOf === undefined ? after : season.follow(seasonOf, history, after)
}

/** Late events have changed a window: its history is corrected, and an alert that has nothing left to stand on is taken back. */
export function revise(memory: Memory, one: Judged, verdict: VerdictEvent, kept: Kept, decisions: Decisions): void {
  const { monitor, alerts } = memory
  const { key, history, judged, window } = one
  const corrected = correct(history, kept, judged.scores, judged.limits)
  const state = judged.outcome === 'ok' ? alerts.clear(key, window) : null
  if (state !== null) memory.flapping.forget(key)
  const isFiring = alerts.get(key)?.status === 'firing'
  const after = state === null ? corrected : regained(corrected, kept, isFiring)
  memory.histories.set(key, one.seasonOf === undefined ? after : memory.season.amend(one.seasonOf, history, after))
  const finding = state && continued(state, judged)
  if (finding === null || !isHeard(memory, state)) return
  const alert = retraction(memory, verdict, finding, state, 'events')
  const judgedWindow = { ...quietly(memory, one.version, window), baseline: verdict.baseline, input: verdict.input }
  const { incidentId, events } = memory.incidents.retract(monitor, judgedWindow, state.alertId)
  decisions.incidents.push(...events.filter(({ severity }) => isTold(monitor, severity)))
  if (alert !== null) decisions.alerts.push({ ...alert, incidentId })
}

function madeBy({ scores }: Judgement, { evidence }: Finding): number | null {
  return scores.find(({ statistic }) => statistic === evidence.check)?.z ?? null
}
