import { encodeActivation } from '../codec/activation.js'
import { encodeBaseline } from '../codec/baseline.js'
import type { Activation, Baseline } from '../core/baseline/baseline.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import type { Log } from '../core/ports.js'
import type { Knowledge } from './knowledge.js'
import { BASELINES } from './topics.js'
import { sayEverywhere } from './word.js'

/** Beyond `maxAhead`: time for a new baseline to reach every instance before an event of its first pane can be accepted. */
const REACH_MS = 60_000

/** First pane that a baseline loaded now can count in: no event accepted so far lies there. */
export function firstPane(monitor: Monitor, now: number): number {
  const { advanceMs } = monitor.window
  return Math.ceil((now + monitor.serving.maxAheadMs + REACH_MS) / advanceMs) * advanceMs
}

/** The version that a baseline loaded next gets, and from which pane it counts: from every pane when it is the model's first. */
export function nextVersion(
  knowledge: Knowledge,
  monitor: Monitor,
  now: number,
): { version: number; from: number | null } {
  const known = knowledge.baselines(monitor.model)
  const version = Math.max(0, ...known.map(baseline => baseline.version)) + 1
  return { version, from: known.length === 0 ? null : firstPane(monitor, now) }
}

/** Writes the baseline where every instance finds it. */
export async function publishBaseline(log: Log, baseline: Baseline): Promise<void> {
  await log.append(BASELINES, encodeBaseline(baseline))
}

/** Gives the word from when a baseline judges. */
export async function activate(log: Log, activation: Activation): Promise<void> {
  await sayEverywhere(log, { activation }, encodeActivation(activation))
}

/** The activation of a version, checked: known, and not before its panes count at its edges. */
export function promotion(
  knowledge: Knowledge,
  model: string,
  version: number,
  { at, by, now }: { at: number | null; by: string; now: number },
): Activation {
  const known = knowledge.baselines(model)
  const baseline = known.find(candidate => candidate.version === version)
  if (baseline === undefined) {
    const versions = known.map(one => one.version).join(', ') || 'none'
    throw new DriftlineError(
      'bad-input',
      `model ${model} has no baseline ${version}; it has: ${versions} (see \`driftline baseline list\`)`,
    )
  }
  if (at !== null && baseline.from !== null && at < baseline.from)
    throw new DriftlineError(
      'bad-input',
      `baseline ${version} of ${model} counts from ${new Date(baseline.from).toISOString()} on; promote it at that time or later`,
    )
  return { model, modelVersion: baseline.modelVersion, baseline: version, from: at ?? baseline.from, by, at: now }
}
