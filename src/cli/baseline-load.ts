import { writeFileSync } from 'node:fs'
import { BaselineTable, encodeBaseline } from '../codec/baseline.js'
import { privacyKey } from '../config/environment.js'
import { faultsError } from '../config/fault.js'
import { readText } from '../config/file-text.js'
import type { Baseline } from '../core/baseline/baseline.js'
import { DriftlineError } from '../core/error.js'
import type { Monitor } from '../core/monitor.js'
import { parseFieldMap } from '../files/field-map.js'
import { openTable } from '../files/table.js'
import { activate, nextVersion, publishBaseline } from '../service/baselines.js'
import { buildBaseline, buildFromDigests } from '../service/build-baseline.js'
import { wallClock } from '../service/clock.js'
import { labelColumn, withLeakage } from '../service/find-leakage.js'
import { withScores } from '../service/trained-scores.js'
import { tellShortSeasons } from './baseline-history.js'
import { monitorIn, pick, tellLoaded, withKnowledge, word } from './baseline-table.js'
import { type FileFlags, tableOptions, tellUnreadable } from './file-options.js'
import { Progress } from './progress.js'
import { parseRange } from './time-option.js'

export interface LoadOptions extends FileFlags {
  readonly monitor: string
  readonly map: string[]
  readonly modelVersion?: string
  readonly from?: string
  readonly to?: string
  readonly tdigest?: boolean
  readonly label?: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

export async function load(file: string, options: LoadOptions): Promise<void> {
  const monitor = monitorIn(options.monitor)
  const build = await builderOf(file, monitor, options)
  if (options.dryRun) {
    const baseline = await build({ version: 0, from: null })
    tellShortSeasons(monitor, baseline)
    return tellLoaded(baseline, null, options.json)
  }
  await withKnowledge(async (log, knowledge) => {
    const baseline = await build(nextVersion(knowledge, monitor, wallClock.now()))
    tellShortSeasons(monitor, baseline)
    const same = knowledge.baselines(monitor.model).find(known => known.hash === baseline.hash)
    if (same !== undefined) return tellLoaded(same, 'has the same contents already; nothing was written', options.json)
    await publishBaseline(log, baseline)
    const active = knowledge.activations(monitor.model).some(word => word.modelVersion === baseline.modelVersion)
    if (!active) await activate(log, { ...word(baseline), from: baseline.from })
    const remedy = `judged against after: driftline baseline promote ${monitor.model} ${baseline.version}`
    tellLoaded(baseline, active ? remedy : 'active at once', options.json)
  })
}

/** Opens the file first, so that what is wrong with it is told before anything else. */
async function builderOf(
  file: string,
  monitor: Monitor,
  options: LoadOptions,
): Promise<(next: { version: number; from: number | null }) => Promise<Baseline>> {
  const provenance = { modelVersion: options.modelVersion ?? null, source: file, loadedAt: wallClock.now() }
  if (options.tdigest && options.label !== undefined)
    throw new DriftlineError(
      'bad-input',
      '--label needs rows; dumps of digests have none: leave --tdigest or --label out',
    )
  if (options.tdigest) return next => buildFromDigests(monitor, file, { ...provenance, ...next })
  const rows = await openTable(file, tableOptions(options))
  tellUnreadable(rows)
  const map = parseFieldMap(options.map)
  const label = options.label === undefined ? null : await labelColumn(monitor, rows, options.label, map)
  const range = parseRange({ from: options.from, to: options.to })
  return async next => {
    const progress = new Progress('reading {bar} {percentage}% · {rows} rows · {eta_formatted} left', options.json)
    try {
      const how = {
        map,
        provenance: { ...provenance, ...next },
        privacyKey: privacyKey(),
        ...range,
        onProgress: (done: number, read: number) => progress.update(done, { rows: read }),
      }
      const baseline = await buildBaseline(monitor, rows, how)
      if (label === null) return baseline
      const scored = await withScores(monitor, rows, baseline, label.column, how)
      return await withLeakage(monitor, rows, scored, label, how)
    } finally {
      progress.stop()
      await rows.close()
    }
  }
}

/** The records as they lie in driftline.baselines, a line each. */
export async function exportOne(model: string, version: string, { out }: { out?: string }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const records = encodeBaseline(pick(knowledge, model, Number(version)))
    const base64 = (bytes: Uint8Array | string | null): string => Buffer.from(bytes ?? '').toString('base64')
    const lines = records.map(({ key, value, headers }) =>
      JSON.stringify({ key: base64(key), value: base64(value), headers }),
    )
    if (out === undefined) console.log(lines.join('\n'))
    else writeFileSync(out, `${lines.join('\n')}\n`)
  })
}

export async function importOne(file: string, options: { monitor: string; json?: boolean }): Promise<void> {
  const monitor = monitorIn(options.monitor)
  const read = importFrom(file)
  await withKnowledge(async (log, knowledge) => {
    const next = nextVersion(knowledge, monitor, wallClock.now())
    const baseline = { ...read, model: monitor.model, ...next, loadedAt: wallClock.now() }
    await publishBaseline(log, baseline)
    const first = next.version === 1
    if (first) await activate(log, { ...word(baseline), from: null })
    tellLoaded(
      baseline,
      first ? 'active at once' : `judged against after: driftline baseline promote ${monitor.model} ${next.version}`,
      options.json,
    )
  })
}

function importFrom(file: string): Baseline {
  const table = new BaselineTable()
  const read = readText(file)
  if ('fault' in read) throw faultsError([read.fault])
  try {
    for (const line of read.text.split('\n').filter(Boolean)) {
      const { key, value, headers } = JSON.parse(line) as {
        key: string
        value: string
        headers: Record<string, string>
      }
      const bytes = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]))
      table.apply(Buffer.from(key, 'base64'), Buffer.from(value, 'base64'), bytes)
    }
  } catch (cause) {
    throw new DriftlineError(
      'bad-input',
      `${file}: not a baseline written by \`driftline baseline export\` (${String(cause)})`,
      { cause },
    )
  }
  const [baseline] = table.models().flatMap(model => table.of(model))
  if (baseline === undefined) throw new DriftlineError('bad-input', `${file}: holds no whole baseline; export it again`)
  return baseline
}
