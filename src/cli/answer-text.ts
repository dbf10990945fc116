import { type Action, type Answer, endOf } from '../core/alert/answer.js'
import { segmentText } from './alert-text.js'
import { colours as pc } from './colours.js'
import { table, time } from './output.js'

const DONE: Readonly<Record<Action, string>> = {
  ack: 'acknowledged',
  mute: 'muted',
  unmute: 'unmuted',
  expected: 'expected',
  resolve: 'resolved',
}

/** What was said, in one sentence. */
export function answerLine(answer: Answer): string {
  const { action, model, by, note } = answer
  const until = action === 'mute' ? `: no events of windows that end before ${time(endOf(answer))}` : ''
  return `${pc.green(DONE[action])} ${about(answer)} of ${model}, by ${by}${until}${note === null ? '' : pc.dim(` (${note})`)}`
}

/** What has been said, the newest last. */
export function answerTable(answers: readonly Answer[]): string {
  const rows = answers.map(answer => [
    time(answer.at),
    answer.by,
    answer.action,
    answer.model,
    about(answer),
    answer.action === 'mute' ? time(endOf(answer)) : '',
    answer.note ?? '',
  ])
  return table(['said', 'by', 'answer', 'model', 'about', 'until', 'note'], rows)
}

export function answerJson({ at, until, ...answer }: Answer): string {
  const iso = (ms: number): string => new Date(ms).toISOString()
  return JSON.stringify({ ...answer, at: iso(at), until: until === null ? null : iso(until) })
}

export function about({ alertId, scope }: Answer): string {
  if (alertId !== null) return `alert ${alertId}`
  const { modelVersion = null, segment = null, feature = null, check = null } = scope ?? {}
  return (
    [
      feature === null ? null : `feature ${feature}`,
      check === null ? null : `check ${check}`,
      segment === null ? null : `segment ${segmentText({ segment })}`,
      modelVersion === null ? null : `version ${modelVersion}`,
    ]
      .filter(one => one !== null)
      .join(', ') || 'everything'
  )
}
