import type { Cause, Evidence, Moved } from '../alert/event.js'
import { fromTo, moved as movedWords, number } from '../alert/words.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import type { FeatureSpec } from '../monitor.js'
import { ALPHA, psiNoise, psiThreshold, wassersteinNoise } from '../statistic/thresholds.js'
import type { Comparison } from './compare.js'
import { Finding } from './finding.js'
import { type Bounds, boundOf, judgeShare } from './shares.js'
import { boundOfSwing } from './swings.js'

/** Effect sizes that matter at launch, whatever n is (STATISTICS §2.8). */
const PSI_EFFECT = 0.25
const W1_EFFECT = 0.5
/** Drift that is tolerated without an alert, in PSI, where the monitor does not say. */
const DELTA = 0.02

interface Settings {
  readonly minRows: number
  readonly checks: FeatureSpec['checks']
  /** Whether what is found decides. */
  readonly decides: boolean
  /** How far a check may swing, as it does in training; 0 where that is not known. */
  swing(check: string): number
}

/**
 * The launch rule for a feature's distribution: PSI ≥ max(.25, noise floor of "drift ≤ δ"), W1/σ ≥ max(.5, 2.7·√(1/n + 1/m), of far values more), and for each
 * frequent label a difference of shares beyond five points and its noise; in no case less than training's own windows came to (swings.ts).
 */
export function judgeDistribution(contract: FeatureBaseline, seen: Comparison, settings: Settings): Finding[] {
  const { n, m, cells, distances, scatter, moved, quantiles } = seen
  const because = n < settings.minRows ? 'too-few-rows' : m < settings.minRows ? 'baseline-too-small' : null
  const finding = (check: 'psi' | 'w1', value: number, noise: number, { effect, floor, swung }: Bounds): Finding => {
    const threshold = Math.max(effect, floor, swung)
    const evidence: Evidence = {
      against: 'training',
      check,
      statistic: check,
      value,
      threshold,
      thresholdFrom: boundOf({ effect, floor, swung }),
      noiseFloor: noise,
      alpha: ALPHA,
      phi: null,
      calibrated: false,
      n,
      m,
      outcome: because !== null ? 'insufficient-data' : value >= threshold ? 'breach' : 'ok',
      because,
      decides: settings.decides,
    }
    return new Finding(evidence, 'skew', value / threshold, 'investigate', () => {
      const sentence = check === 'psi' ? psiSentence(contract, moved) : w1Sentence(quantiles, value)
      return { summary: `${contract.name}: ${sentence}`, cause: causeOf(contract, check, moved, sentence) }
    })
  }
  if (because !== null && (n === 0 || m === 0))
    return [finding('psi', 0, 0, { effect: PSI_EFFECT, floor: 0, swung: 0 })]
  const delta = settings.checks['psi']?.delta ?? DELTA
  const swing = settings.swing('psi')
  const findings = [
    finding('psi', distances.psi ?? 0, psiNoise(n, m, cells), {
      effect: PSI_EFFECT,
      floor: psiThreshold(n, m, cells, delta),
      swung: swing === 0 ? 0 : psiThreshold(n, m, cells, swing),
    }),
  ]
  if (distances.w1 !== null) {
    const noise = wassersteinNoise(n, m, scatter)
    const swung = boundOfSwing(settings.swing('w1'), noise)
    findings.push(finding('w1', distances.w1, noise, { effect: W1_EFFECT, floor: noise, swung }))
  }
  const label = judgeLabels(contract, seen, settings)
  if (label !== null) findings.push(label)
  return findings
}

/** The label whose share went furthest beyond its threshold decides; the sentence also names the next. */
function judgeLabels(
  contract: FeatureBaseline,
  { labels, n, m }: Comparison,
  { minRows, decides, swing }: Settings,
): Finding | null {
  const findings = labels
    .map(({ value, before, now }) =>
      judgeShare(
        contract.name,
        { check: 'share', kind: 'skew', words: `share of ${value}` },
        { now, before, n, m, least: minRows, decides, swing: swing('share') },
      ),
    )
    .sort((a, b) => b.ratio - a.ratio)
  const [worst, next] = findings
  if (worst === undefined) return null
  if (next === undefined || next.ratio < 1) return worst
  return worst.saying(() => {
    const sentence = `${worst.cause.sentence}, ${next.cause.sentence}`
    return { summary: `${contract.name}: ${sentence}`, cause: { ...worst.cause, sentence } }
  })
}

function psiSentence({ kind }: FeatureBaseline, moved: readonly Moved[]): string {
  const top = moved[0]
  if (top === undefined) return 'nothing to compare'
  const { value, baselineShare, windowShare } = top
  const words =
    kind !== 'numeric'
      ? String(value)
      : value === 0
        ? 'zeros'
        : typeof value === 'number'
          ? `the value ${number(value)}`
          : `values ${value}`
  return `${words} ${movedWords(baselineShare, windowShare)}`
}

function w1Sentence(quantiles: Comparison['quantiles'], value: number): string {
  if (quantiles === null) return 'nothing to compare'
  const median = quantiles.p.indexOf(0.5)
  const [before, now] = [quantiles.baseline[median], quantiles.window[median]]
  return `values moved by ${number(value)} σ on average; median ${fromTo(before, now)}`
}

/** Only what the cells themselves say; unit, truncation and the other signatures come with issue 4. */
function causeOf({ kind }: FeatureBaseline, check: string, moved: readonly Moved[], sentence: string): Cause {
  const top = moved[0]
  const atom = check === 'psi' && kind === 'numeric' && typeof top?.value === 'number'
  const numbers = top === undefined ? {} : { baselineShare: top.baselineShare, windowShare: top.windowShare }
  const code = atom ? 'atom-mass' : 'distribution'
  return { code, confidence: atom ? 'high' : 'low', sentence, numbers, alternatives: [], whoMoved: 'unknown' }
}
