import { number, percent } from '../core/alert/words.js'
import type { MeasureFacts, PerformanceEvent } from '../core/performance/event.js'
import { measureName } from '../core/performance/findings.js'
import { colours as pc } from './colours.js'
import { table } from './output.js'

/** All measures of an output, those that decide first. */
export function measureTable(measures: readonly MeasureFacts[]): string {
  const rows = [...measures]
    .sort((a, b) => Number(b.decides) - Number(a.decides))
    .map(one => [
      measureName(one),
      number(one.value),
      one.low === one.high ? '' : `${number(one.low)} to ${number(one.high)}`,
      one.reference === null ? '–' : number(one.reference),
      one.tolerance === null ? '–' : number(one.tolerance),
      outcomeText(one),
      String(Math.round(one.n)),
      one.estimate ? 'an estimate, without the labels' : one.decides ? '' : 'does not decide',
    ])
  return table(['measure', 'window', '95 %', 'reference', 'tolerance', '', 'n', ''], rows)
}

function outcomeText({ outcome, reference }: MeasureFacts): string {
  if (outcome === 'breach') return pc.red('worse')
  return outcome === 'ok' ? pc.green('as before') : pc.dim(reference === null ? 'no reference' : 'too few labels')
}

/** What decided, else the measure that people look at first. */
export function headline({ measures, coverage }: PerformanceEvent): string {
  const own = measures.filter(({ kind, estimate }) => kind === 'performance' && !estimate)
  const one = measures.find(({ decides, outcome }) => decides && outcome === 'breach') ?? own.find(isFirst) ?? own[0]
  const labels = `labels of ${percent(coverage)}`
  if (one === undefined) return labels
  return `${measureName(one)} ${number(one.value)}${one.reference === null ? '' : ` (before ${number(one.reference)})`}, ${labels}`
}

function isFirst({ name }: MeasureFacts): boolean {
  return ['auc', 'mae', 'accuracy'].includes(name)
}

/** Of what the reference is made. */
export function referenceText({ reference: { from, windows, labelled } }: PerformanceEvent): string {
  if (from === 'none') return 'none yet: the first 5 mature windows without an alert become it'
  const of = from === 'baseline' ? 'the training rows' : `the first ${windows} mature windows`
  return `${of}, ${Math.round(labelled)} labels`
}
