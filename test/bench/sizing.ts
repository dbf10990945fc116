import { fork } from 'node:child_process'
import type { Figure, Piece } from './figures.js'
import { leavesOf, PANE_MS, type Shape, seriesOf } from './fleet.js'
import type { Simulated } from './fleet-line.js'

const BASE: Shape = {
  ...{ models: 10, features: 50, segments: 0, partitions: 8, panesPartitions: 4 },
  ...{ rows: 50, panes: 3, size: 1, reviseFor: 0 },
}

/** Each differs from the first in one respect. */
const SHAPES: readonly { readonly name: string; readonly shape: Shape }[] = [
  { name: '50 rows a part', shape: BASE },
  { name: '5 rows a part', shape: { ...BASE, rows: 5 } },
  { name: '500 rows a part, 4 models', shape: { ...BASE, models: 4, rows: 500 } },
  { name: '2,000 rows a part, 1 model', shape: { ...BASE, models: 1, rows: 2000 } },
  { name: 'twice the features', shape: { ...BASE, features: 2 * BASE.features } },
  { name: 'four times the partitions', shape: { ...BASE, partitions: 4 * BASE.partitions } },
  { name: '4 segments, a fifth of the features', shape: { ...BASE, features: BASE.features / 5, segments: 4 } },
  { name: 'windows of 4 panes, 6 panes', shape: { ...BASE, panes: 6, size: 4 } },
  { name: 'revised for 4 panes, 6 panes', shape: { ...BASE, panes: 6, reviseFor: 4 } },
  {
    name: '70 panes, 48 series, 2 partitions',
    shape: { ...BASE, models: 2, features: 24, partitions: 2, rows: 120, panes: 70 },
  },
]
/** What the line is sized for: 20,000 series, in whole. */
const FLEET: Shape = { ...BASE, models: 200, features: 100, partitions: 64, rows: 2, panes: 1 }

export async function sizing(): Promise<Piece> {
  const all: Simulated[] = []
  for (const { shape } of SHAPES) all.push(await inProcess(shape))
  const fleet = await inProcess(FLEET)
  const { models, features, partitions, panes } = BASE
  return {
    title: 'sizing: how the panes topic and stage 2 grow',
    how: [
      'the real line on the embedded log: stage 1 reads all, then stage 2, then a new owner of all of stage 2, who finds driftline.state compacted',
      `${models} models of ${features} features on one topic of ${partitions} partitions, ${panes} panes of a minute, window = pane, unless the row says other`,
      'a series · part: one series in one partition and pane. Memory: heap and buffers after a collection, without the log; CPU: process.cpuUsage',
    ],
    figures: [...SHAPES.flatMap(({ name }, i) => figuresOf(name, all[i]!)), ...fleetFigures(fleet)],
  }
}

/** Series that stage 1 keeps, in all partitions and panes that were closed. */
function sketchesOf({ shape }: Simulated): number {
  const { models, features, partitions, panes } = shape
  return models * features * leavesOf(shape) * partitions * panes
}

/** Models, partitions and panes that markers were for: the last pane is read by half. */
function toldOf({ models, partitions, panes }: Shape): number {
  return models * partitions * (panes + 0.5)
}

function figuresOf(name: string, measured: Simulated): Figure[] {
  const { shape, parts, markers, cpu, memory, state, reread, verdicts } = measured
  const sketches = sketchesOf(measured)
  const series = seriesOf(shape)
  return [
    { what: `${name}: a series · part in driftline.panes`, value: parts.bytes / sketches, unit: 'bytes' },
    { what: '  markers, a model, partition and pane', value: markers.bytes / toldOf(shape), unit: 'bytes' },
    { what: '  stage 1, CPU of a series · part', value: (1e6 * cpu.stage1) / sketches, unit: 'µs' },
    { what: '  stage 2, CPU of a series · part', value: (1e6 * cpu.stage2) / sketches, unit: 'µs' },
    { what: '  stage 2, CPU of a verdict', value: (1e6 * cpu.stage2) / verdicts, unit: 'µs' },
    {
      what: '  stage 1 in memory, in mid-pane, a series · part',
      value: (shape.panes * memory.stage1) / sketches,
      unit: 'bytes',
    },
    { what: '  stage 2 in memory, a series', value: memory.stage2 / series / 1000, unit: 'kB' },
    { what: '    of which parts, as they are in the log', value: reread.bytes / series / 1000, unit: 'kB' },
    {
      what: '  known to every instance (baselines), a series',
      value: memory.known / series / 1000,
      unit: 'kB',
    },
    {
      what: '  driftline.state, compacted, and in memory where stage 2 runs, a series',
      value: state.kept.bytes / series / 1000,
      unit: 'kB',
    },
    { what: '  restart of stage 2, CPU of 1000 series', value: (1e6 * cpu.restart) / series, unit: 'ms' },
  ]
}

function fleetFigures(measured: Simulated): Figure[] {
  const { shape, parts, markers, memory, cpu, state, reread, records } = measured
  const { models, partitions, panes } = shape
  const series = seriesOf(shape)
  const seconds = (panes * PANE_MS) / 1000
  return [
    {
      what: `${models} models on ${partitions} partitions, ${series.toLocaleString('en')} series, panes of a minute, ${shape.rows} rows a part: parts`,
      value: parts.bytes / seconds / 1e6,
      unit: 'MB/s',
    },
    { what: '  messages with parts', value: parts.messages / seconds, unit: 'records/s' },
    { what: '  markers', value: markers.bytes / (seconds * (1 + 0.5 / panes)) / 1e6, unit: 'MB/s' },
    { what: '  messages with markers', value: markers.messages / (seconds * (1 + 0.5 / panes)), unit: 'records/s' },
    { what: `  stage 2 in memory, all owners together`, value: memory.stage2 / 1e6, unit: 'MB' },
    { what: `    of which parts, as they are in the log`, value: reread.bytes / 1e6, unit: 'MB' },
    {
      what: `  stage 1 in memory, in mid-pane, all owners together`,
      value: memory.stage1 / 1e6,
      unit: 'MB',
    },
    { what: `  known to every instance`, value: memory.known / 1e6, unit: 'MB' },
    {
      what: `  driftline.state after the first window, compacted, where stage 2 runs`,
      value: state.kept.bytes / 1e6,
      unit: 'MB',
    },
    { what: '    of which how far stage 1 is', value: state.progress.bytes / 1e6, unit: 'MB' },
    { what: `  stage 1, CPU of a pane`, value: cpu.stage1 / (panes + 0.5), unit: 'CPU-s' },
    { what: '    records of it', value: records / (panes + 0.5), unit: '' },
    { what: `  stage 2, CPU of a pane`, value: cpu.stage2 / panes, unit: 'CPU-s' },
    { what: `  restart of all of stage 2`, value: cpu.restart, unit: 'CPU-s' },
  ]
}

function inProcess(shape: Shape): Promise<Simulated> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('./simulation.ts', import.meta.url), [JSON.stringify(shape)], {
      execArgv: ['--max-semi-space-size=64', '--max-old-space-size=8192', '--import', 'tsx'],
    })
    child.once('message', measured => resolve(measured as Simulated))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the simulation ended with code ${code} and no figures`)))
  })
}
