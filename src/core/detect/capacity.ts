import type { BaselineFacts, Cause, Evidence } from '../alert/event.js'
import { number } from '../alert/words.js'
import type { Cap, Omitted } from '../window/caps.js'
import { EFFECT } from './counted-series.js'
import { Finding } from './finding.js'

/** Name of the check. */
export const CAPACITY = 'capacity'

/** Whatever the share, part of the input is not watched as was asked. */
const LEAST_EFFECT = 0.5

/** What became of it, and what to do. */
const WORDS: Readonly<Record<Cap, { readonly what: (one: Omitted) => string; readonly remedy: string }>> = {
  versions: {
    what: ({ limit, rows }) => `more than ${number(limit)} model versions: ${number(rows)} rows count as version other`,
    remedy: 'let serving.version name the model version, not the request, or raise limits.series',
  },
  segments: {
    what: ({ limit, rows }) =>
      `limits.series has room for ${number(limit)} values of a dimension: ${number(rows)} rows of others count as other`,
    remedy: 'raise limits.series, or ask for fewer values in segments',
  },
  features: {
    what: ({ limit, values }) => `more than ${number(limit)} features: ${number(values)} values are not kept`,
    remedy: 'narrow serving.features, list names in serving.ignore, or load a baseline',
  },
  names: {
    what: ({ limit, values }) =>
      `more than ${number(limit)} names of features that training did not have: ${number(values)} values under others`,
    remedy: 'narrow serving.features, or list names in serving.ignore',
  },
  revisions: {
    what: ({ limit, rows }) =>
      `late rows of more than ${number(limit)} panes and versions at once: ${number(rows)} of others count as late`,
    remedy: 'shorten window.reviseFor, or raise limits.series',
  },
}

/** Of alerts before there is a baseline: the caps hold without one. */
export const NO_BASELINE: BaselineFacts = {
  ...{ version: 0, hash: '', rows: 0, source: 'none', activeFrom: null },
  note: 'there is no baseline yet',
}

/** What a cap has kept out of a window, beside the check that decides. @param rows of the window */
export function capacityFinding(one: Omitted, rows: number): Finding {
  const { cap, limit } = one
  const left = Math.max(one.rows, one.values)
  const isOver = left === 0
  const evidence: Evidence = {
    ...{ against: 'history', check: CAPACITY, statistic: cap, value: left, threshold: 0, thresholdFrom: 'effect' },
    ...{ noiseFloor: 0, alpha: 0, phi: null, calibrated: false, n: rows, m: 0 },
    ...{ outcome: isOver ? 'ok' : 'breach', because: null, decides: false },
  }
  const { what, remedy } = WORDS[cap]
  const sentence = isOver ? `the cap on ${cap} (${number(limit)}) is not reached any more` : what(one)
  const cause: Cause = {
    ...{
      code: `${cap}-cap`,
      confidence: 'high',
      sentence,
      numbers: { cap: limit, rows: one.rows, values: one.values },
    },
    ...{ alternatives: [], whoMoved: 'pipeline' },
  }
  const summary = isOver ? sentence : `${sentence}; ${remedy}`
  return new Finding(evidence, 'capacity', left, 'fix-pipeline', () => ({ summary, cause }))
}

/** In units of the effect that matters. */
export function capacityEffect(one: Omitted, rows: number): number {
  return Math.max(LEAST_EFFECT, one.rows / Math.max(1, rows) / EFFECT)
}
