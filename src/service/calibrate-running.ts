import { activeBaseline } from '../core/baseline/active.js'
import type { History } from '../core/detect/history.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import type { Log } from '../core/ports.js'
import { type Calibration, calibrationOf, newestVersion } from './calibrate.js'
import type { Seen } from './calibrate-seen.js'
import type { Knowledge } from './knowledge.js'
import { StateTable } from './state-table.js'

/**
 * The same of a monitor in service: its series' histories are those of the decision state, and what it has told is in `seen`.
 * @param now wall clock, epoch ms: says which baseline judges
 * @throws bad-input where no running service has this version of the monitor, or it has no baseline, or no windows
 */
export async function calibrateRunning(
  log: Log,
  knowledge: Knowledge,
  monitor: Monitor,
  { seen, now }: { readonly seen: Seen; readonly now: number },
): Promise<Calibration> {
  const { model, version } = monitor
  const histories = await historiesOf(log, monitor)
  if (histories === null) {
    const watched = knowledge.monitors(model).some(word => word.version === version)
    throw new DriftlineError(
      'bad-input',
      watched
        ? `the monitor of ${model} has closed no window yet; see \`driftline status --model ${model}\``
        : `no service has run this version of the monitor of ${model}: give it to \`driftline up\`, or try it on files by --baseline and --events`,
    )
  }
  const baselines = knowledge.baselines(model)
  const judge = activeBaseline(baselines, knowledge.activations(model), newestVersion(histories), now)
  // One that judges only later windows says as much of the series.
  const baseline = judge?.baseline ?? baselines.at(-1)
  if (baseline === undefined)
    throw new DriftlineError('bad-input', `model ${model} has no baseline: \`driftline baseline load\` gives it one`)
  // Where the monitor is without seasons, nobody has counted by the hour.
  const seasonal = monitor.seasons?.kind === 'none' ? null : histories
  const { advanceMs, sizeMs } = monitor.window
  const events = Math.round((seen.rows * advanceMs) / sizeMs)
  return calibrationOf(monitor, baseline, { events, seen, histories, seasonal })
}

/** Null where the monitor has no state. */
async function historiesOf(log: Log, { model, version }: Monitor): Promise<ReadonlyMap<string, History> | null> {
  const table = await StateTable.follow(log)
  const saved = (await table.states(name => name === model)).find(({ monitor }) => monitor === version)
  await table.stop()
  return saved === undefined ? null : new Map(saved.state.histories.map(({ key, history }) => [key, history]))
}
