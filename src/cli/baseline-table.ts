import { userInfo } from 'node:os'
import pino from 'pino'
import { environment } from '../config/environment.js'
import { loadMonitors } from '../config/monitor.js'
import { number } from '../core/alert/words.js'
import type { Baseline, TrainedScores } from '../core/baseline/baseline.js'
import { leakSentence, leaks } from '../core/baseline/leakage.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { measureName } from '../core/performance/findings.js'
import { type Measure, measuresOf } from '../core/performance/measure.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'
import { wallClock } from '../service/clock.js'
import { openKafka } from '../service/kafka.js'
import { Knowledge } from '../service/knowledge.js'
import { historyLine } from './baseline-history.js'
import { colours as pc } from './colours.js'

/** Runs with the log and its tables, and lets go of them whatever happens. */
export async function withKnowledge<T>(work: (log: KafkaLog, knowledge: Knowledge) => Promise<T>): Promise<T> {
  const log = openKafka(environment().kafka, pino({ level: 'error' }, pino.destination(2)))
  try {
    const knowledge = await Knowledge.follow(log)
    return await work(log, knowledge)
  } finally {
    await log.close()
  }
}

export function monitorIn(path: string): Monitor {
  const { monitors } = loadMonitors(path)
  if (monitors.length === 1) return monitors[0]
  throw new DriftlineError('bad-input', `${path}: expected one monitor, it has ${monitors.length}; name one file`)
}

export function pick(knowledge: Knowledge, model: string, version?: number): Baseline {
  const all = knowledge.baselines(model)
  const found = version === undefined ? all.at(-1) : all.find(one => one.version === version)
  if (found !== undefined) return found
  throw new DriftlineError(
    'bad-input',
    `model ${model} has no baseline${version === undefined ? '' : ` ${version}`}; see \`driftline baseline list\``,
  )
}

export function word(baseline: Baseline) {
  const { model, modelVersion, version } = baseline
  return { model, modelVersion, baseline: version, by: operator(), at: wallClock.now() }
}

export const operator = (): string => process.env['DRIFTLINE_OPERATOR'] ?? userInfo().username

export function manifest({ features, segments, scores, ...rest }: Baseline) {
  const trained = scores === undefined ? {} : { scores: trainedMeasures(scores) }
  return { ...rest, features: features.length, segments: Object.fromEntries(segments), ...trained }
}

/** How the outputs did on all rows. */
function trainedMeasures({ outputs, leaves }: TrainedScores): { output: string; measures: Measure[] }[] {
  const all = leaves.find(({ segment }) => Object.keys(segment).length === 0)
  return outputs.map((output, i) => ({ output, measures: all === undefined ? [] : measuresOf(all.outputs[i]) }))
}

/** The reference of what labels will say. */
function scoreLines({ scores }: Baseline): string[] {
  if (scores === undefined) return []
  return trainedMeasures(scores).map(({ output, measures }) => {
    const told = measures.filter(one => one.class === null && one.name !== 'base-rate').slice(0, 4)
    const values = told.map(one => `${measureName(one)} ${number(one.value)}`).join(', ')
    return `${output} on these rows: ${values} (${measures[0]?.n ?? 0} labels)`
  })
}

/** One line about a baseline that was built or found. */
export function tellLoaded(baseline: Baseline, note: string | null, json = false): void {
  if (json) {
    console.log(JSON.stringify({ ...manifest(baseline), note }))
    return
  }
  const { model, version, rows, features } = baseline
  const served = features.filter(({ origin }) => origin === undefined)
  const kinds = ['numeric', 'categorical', 'boolean'].map(
    kind => `${served.filter(f => f.kind === kind).length} ${kind}`,
  )
  if (served.length < features.length) kinds.push(`${features.length - served.length} derived series`)
  console.log(
    `${pc.green('baseline')} ${model} version ${version}: ${rows} rows, ${kinds.join(', ')}${note === null ? '' : `; ${note}`}`,
  )
  console.log(historyLine(baseline))
  for (const line of [...scoreLines(baseline), ...leakageLines(baseline)]) console.log(line)
}

/** What was looked for in the label, and found. */
function leakageLines({ leakage }: Baseline): string[] {
  if (leakage === undefined) return []
  const { label, labelled, features } = leakage
  const found = features.filter(leaks)
  if (found.length > 0) return found.map(one => `${pc.red('leak')} ${leakSentence(label, one)}`)
  const [best] = features
  const strongest =
    best === undefined ? '' : `; the strongest is ${best.feature}, ${best.measure} ${best.value.toFixed(3)}`
  return [`no feature tells ${label} too well alone (${labelled} labelled rows)${strongest}`]
}
