import type { Evidence } from '../alert/event.js'
import { moved, number, percent } from '../alert/words.js'
import { Finding, type Words } from '../detect/finding.js'
import type { LabelKind, MeasureFacts, ReferenceFacts } from './event.js'

export const LABEL_KINDS: readonly LabelKind[] = ['performance', 'label-shift', 'concept-drift', 'feedback-loop']

/** An output in a window, as its findings tell it. */
export interface Told {
  readonly output: string
  readonly coverage: number
  readonly labelled: number
  readonly measures: readonly MeasureFacts[]
  readonly reference: ReferenceFacts
}

/** What the deciding measures of one kind found, the farthest first. */
export function findingsOf(kind: LabelKind, told: Told): Finding[] {
  return told.measures
    .filter(one => one.kind === kind && one.decides && one.outcome !== 'insufficient-data')
    .map(one => findingOf(one, told))
    .sort(
      (a, b) => Number(b.evidence.outcome === 'breach') - Number(a.evidence.outcome === 'breach') || b.ratio - a.ratio,
    )
}

function findingOf(one: MeasureFacts, told: Told): Finding {
  const action = one.kind === 'performance' || one.kind === 'concept-drift' ? 'retrain' : 'investigate'
  return new Finding(evidenceOf(one, told.reference), one.kind, ratioOf(one), action, () => wordsOf(one, told))
}

export function checkOf({ name, class: of }: Pick<MeasureFacts, 'name' | 'class'>): string {
  return of === null ? name : `${name} of ${of}`
}

/** How much worse than the reference, in tolerances. */
function ratioOf({ value, reference, tolerance, better }: MeasureFacts): number {
  const difference = value - (reference ?? value)
  const worse = better === 'higher' ? -difference : better === 'lower' ? difference : Math.abs(difference)
  return tolerance === null || tolerance <= 0 ? 0 : Math.max(0, worse / tolerance)
}

function evidenceOf(one: MeasureFacts, { from, labelled }: ReferenceFacts): Evidence {
  const { value, low, high, n, outcome, decides, better } = one
  const reference = one.reference ?? value
  const down = better === 'higher' || (better === 'none' && value < reference)
  const worst = (by: number): number => (down ? reference - by : reference + by)
  return {
    against: from === 'baseline' ? 'training' : 'history',
    ...{
      check: checkOf(one),
      statistic: one.name,
      value,
      threshold: worst(one.tolerance ?? 0),
      thresholdFrom: 'effect',
    },
    ...{ noiseFloor: worst(down ? high - value : value - low), alpha: 0.05, phi: null, calibrated: true },
    ...{ n, m: labelled, outcome, because: null, decides },
  }
}

function wordsOf(one: MeasureFacts, told: Told): Words {
  const { low, high, value, tolerance } = one
  const summary = `${told.output}: ${SENTENCES[one.kind](one, told)}`
  const numbers = {
    value,
    low,
    high,
    reference: one.reference ?? 0,
    tolerance: tolerance ?? 0,
    labelled: told.labelled,
  }
  return {
    summary,
    cause: {
      code: one.kind,
      confidence: 'high',
      sentence: CAUSES[one.kind](one, told),
      numbers,
      alternatives: others(one, told),
      whoMoved: one.kind === 'label-shift' || one.kind === 'concept-drift' ? 'world' : 'unknown',
    },
  }
}

type Sentence = (one: MeasureFacts, told: Told) => string

const NAMES: Readonly<Record<string, string>> = {
  auc: 'AUC',
  mae: 'MAE',
  rmse: 'RMSE',
  r2: 'R²',
  f1: 'F1',
  'macro-f1': 'macro F1',
}

/** `log-loss` is "log loss". */
export function measureName({ name, class: of }: Pick<MeasureFacts, 'name' | 'class'>): string {
  const text = NAMES[name] ?? name.replaceAll('-', ' ')
  return of === null ? text : `${text} of ${of}`
}

function change(one: MeasureFacts): string {
  const { value, low, high } = one
  const reference = one.reference ?? value
  return `${value < reference ? 'fell' : 'rose'} from ${number(reference)} to ${number(value)} (95 % ${number(low)} to ${number(high)})`
}

const SENTENCES: Readonly<Record<LabelKind, Sentence>> = {
  performance: one => `${measureName(one)} ${change(one)}`,
  'label-shift': one =>
    one.name === 'label-mean'
      ? `the mean label ${change(one)}`
      : `the share of ${one.class === null ? 'positive labels' : `the label ${one.class}`} ${moved(one.reference ?? 0, one.value)}`,
  'concept-drift': one =>
    `the same score means something else: outcomes at equal scores moved by ${number(one.value)} of their standard deviation, the scores did not`,
  'feedback-loop': one =>
    one.name === 'score-spread'
      ? `scores narrow: their spread is ${percent(one.value)} of the reference's`
      : `labels come for ${one.value > 0 ? 'high' : 'low'} scores rather than for ${one.value > 0 ? 'low' : 'high'} ones: coverage differs by ${percent(Math.abs(one.value))}`,
}

const CAUSES: Readonly<Record<LabelKind, Sentence>> = {
  performance: (_, told) =>
    `the labels of ${percent(told.coverage)} of the predictions say so, compared with ${basis(told)}`,
  'label-shift': (_, told) =>
    `what is predicted became ${told.measures.some(isRarer) ? 'rarer' : 'more frequent'} than in ${basis(told)}: thresholds and calibration no longer fit`,
  'concept-drift': (_, told) =>
    `what comes in is as in ${basis(told)}, what it leads to is not: the model does not know the present relation`,
  'feedback-loop': one =>
    one.name === 'score-spread'
      ? 'decisions may shape the data that the model sees'
      : 'what becomes known depends on the model: labels of the other predictions are missing from every measure, and from the next training',
}

function isRarer({ kind, decides, value, reference }: MeasureFacts): boolean {
  return kind === 'label-shift' && decides && value < (reference ?? value)
}

function basis({ reference: { from, windows } }: Told): string {
  return from === 'baseline' ? 'the training rows' : `the first ${windows} mature windows`
}

/** The other kinds that the window breaches. */
function others({ kind }: MeasureFacts, told: Told): string[] {
  return LABEL_KINDS.filter(other => other !== kind).flatMap(other => {
    const [worst] = findingsOf(other, {
      ...told,
      measures: told.measures.filter(({ outcome }) => outcome === 'breach'),
    })
    if (worst === undefined) return []
    const one = told.measures.find(one => one.kind === other && checkOf(one) === worst.evidence.check)!
    return [`${other}: ${SENTENCES[other](one, told)}`]
  })
}
