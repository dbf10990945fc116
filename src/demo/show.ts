import type { Colors } from 'picocolors/types.js'
import { AlertLines } from './alert-lines.js'
import { closing } from './closing.js'
import { incidentLines } from './incident-lines.js'
import { ProgressLine } from './progress-line.js'
import { type DemoOptions, type DemoResult, runDemo } from './run.js'
import { summary } from './summary.js'
import { count, duration } from './words.js'

export interface Stage {
  readonly out: NodeJS.WriteStream
  readonly colours: Colors
  /** NDJSON instead of text. */
  readonly json: boolean
}

/** Runs the demo and tells of it: with a line of progress where someone looks on, in plain lines elsewhere, or as NDJSON. */
export async function show(options: DemoOptions, stage: Stage): Promise<DemoResult> {
  return stage.json ? asJson(options, stage.out) : asText(options, stage)
}

async function asJson(options: DemoOptions, out: NodeJS.WriteStream): Promise<DemoResult> {
  const write = (value: Uint8Array | string): void => void out.write(`${Buffer.from(value).toString()}\n`)
  const result = await runDemo({
    ...options,
    onAlert: (_, value) => write(value),
    onIncident: (_, value) => write(value),
  })
  write(JSON.stringify(summary(result, options.seed)))
  return result
}

async function asText(options: DemoOptions, { out, colours }: Stage): Promise<DemoResult> {
  const began = performance.now()
  const alerts = new AlertLines(colours)
  const progress = out.isTTY ? new ProgressLine(out, colours) : null
  const print = (lines: readonly string[]): void => {
    if (progress === null) out.write(`${lines.join('\n')}\n`)
    else progress.print(lines)
  }
  print(opening(options, colours))
  const result = await runDemo({
    ...options,
    onTrained: rows => print([colours.dim(`Trained on ${count(rows)} simulated rows of the two weeks before.`), '']),
    onAlert: told => {
      progress?.note(told)
      print(alerts.lines(told))
    },
    onIncident: incident => print(incidentLines(incident, colours)),
    onProgress: now => progress?.update(now),
  })
  progress?.stop()
  print(closing(result, (performance.now() - began) / 1000, colours))
  return result
}

function opening({ monitor, seed, durationMs, faults = true }: DemoOptions, c: Colors): string[] {
  const what = faults ? 'five faults at known moments' : 'no faults'
  return [
    `${c.bold('Driftline demo')}: the scoring service "${monitor.model}", simulated (seed ${seed}), with ${what}.`,
    `${duration(durationMs)} run through the real line on a log inside this process; what follows is read from driftline.alerts.`,
    `${c.bold('▲')} an alert opens, or grows  ${c.bold('▼')} it has resolved  ${c.bold('◆')} the incident it belongs to; times are ends of windows of ${duration(monitor.window.sizeMs)}, UTC; labels tell of a window later.`,
  ]
}
