import { type Action, type Answer, type Scope, scopeOf } from '../core/alert/answer.js'
import { type AlertEvent, isOver } from '../core/alert/event.js'
import { DriftlineError } from '../core/error.js'
import type { Knowledge } from '../service/knowledge.js'
import { unknownAlert } from './alert-finding.js'
import type { AnswerOptions } from './answer-options.js'
import { time } from './output.js'

/** What one answer is given to. */
export type Target = Pick<Answer, 'model' | 'alertId' | 'scope'>

/** The newest event of an alert that the answer can change something about; null where --force lets it be unknown. */
export function known(
  id: string,
  events: readonly AlertEvent[] | null,
  action: Action,
  until: number | null,
  { topic, force = false }: AnswerOptions,
): AlertEvent | null {
  const newest = events?.at(-1) ?? null
  if (force) return newest
  if (newest === null) throw unknownAlert(topic, id)
  const { alertId, status, window } = newest
  if (isOver(status) && (action === 'ack' || action === 'resolve' || action === 'expected'))
    throw new DriftlineError(
      'bad-input',
      `alert ${alertId} is over since ${time(window.end)} (${newest.reason}); say --force to answer all the same`,
    )
  if (until !== null && until <= window.end)
    throw new DriftlineError(
      'bad-input',
      `--until ${time(until)} is not after the newest window of alert ${alertId}, which ended ${time(window.end)}: it would mute nothing`,
    )
  return newest
}

/** An alert alone; a mute also holds for the same check of the same series when it opens again. */
export function alertTarget(action: Action, id: string, alert: AlertEvent | null, { model }: AnswerOptions): Target {
  if (alert === null) {
    if (model === undefined)
      throw new DriftlineError(
        'bad-input',
        `--force with the unknown alert ${id} needs --model: nothing else tells whose it is`,
      )
    return { model, alertId: id, scope: null }
  }
  const { alertId, series } = alert
  if (model !== undefined && model !== series.model)
    throw new DriftlineError('bad-input', `alert ${alertId} is of the model ${series.model}, not ${model}`)
  const again = action === 'mute' || action === 'unmute'
  return { model: series.model, alertId, scope: again ? scopeOf(alert) : null }
}

/** What the options say, in the model that is named or that the alerts are of. */
export function scopeTarget(
  knowledge: Knowledge,
  scope: Scope,
  alerts: readonly (AlertEvent | null)[],
  { model: named, force = false }: AnswerOptions,
): Target {
  const models = [...new Set([named, ...alerts.map(alert => alert?.series.model)].filter(one => one !== undefined))]
  const [model] = models
  if (model === undefined || models.length > 1)
    throw new DriftlineError('bad-input', `name one model with --model; these are ${models.join(', ') || 'none'}`)
  if (!force) checkNames(knowledge, model, scope)
  return { model, alertId: null, scope }
}

function checkNames(knowledge: Knowledge, model: string, { feature }: Scope): void {
  const watched = knowledge.watched()
  if (!watched.includes(model))
    throw new DriftlineError(
      'bad-input',
      `no monitor watches a model ${model}; those watched: ${watched.join(', ') || 'none'} (--force says it all the same)`,
    )
  const features = new Set(knowledge.baselines(model).flatMap(baseline => baseline.features.map(({ name }) => name)))
  if (feature !== null && !features.has(feature))
    throw new DriftlineError(
      'bad-input',
      `no baseline of ${model} has a feature ${feature}; it has: ${[...features].sort().join(', ') || 'none'} (--force says it all the same)`,
    )
}
