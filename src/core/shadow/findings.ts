import type { BaselineFacts, Evidence } from '../alert/event.js'
import { Finding } from '../detect/finding.js'
import type { Task } from '../monitor.js'
import type { DivergenceFacts, ShadowEvent } from './event.js'
import { ratioOf, sentence } from './words.js'

/** Said in an alert where there is no baseline: none is needed to compare two versions. */
export const NO_BASELINE: BaselineFacts = {
  ...{ version: 0, hash: '', rows: 0, source: 'none', activeFrom: null },
  note: 'two versions are compared with each other',
}

/** What the divergences with a limit found, the farthest first. */
export function findingsOf(event: ShadowEvent, type: Task['type']): Finding[] {
  const beyond = event.divergences.filter(({ verdict }) => verdict === 'beyond')
  return event.divergences
    .filter(({ limit }) => limit !== null)
    .map(one => findingOf(one, event, type, beyond))
    .sort(
      (a, b) => Number(b.evidence.outcome === 'breach') - Number(a.evidence.outcome === 'breach') || b.ratio - a.ratio,
    )
}

function findingOf(
  one: DivergenceFacts,
  event: ShadowEvent,
  type: Task['type'],
  beyond: readonly DivergenceFacts[],
): Finding {
  const { champion, mode, series, rows } = event
  const challenger = series.modelVersion
  const said = (of: DivergenceFacts): string =>
    sentence(of, { shadow: { champion, challenger, mode, minRows: 0 }, type })
  const words = () => ({
    summary: event.advice === 'roll-back' ? event.summary : `${challenger} ${said(one)}`,
    cause: {
      ...({ code: 'shadow', confidence: 'high', whoMoved: 'unknown' } as const),
      sentence:
        mode === 'shadow'
          ? `${rows.pairs} requests that ${champion} and ${challenger} have both scored say so`
          : `${rows.champion} rows of ${champion} and ${rows.challenger} of ${challenger} say so`,
      numbers: { value: one.value, low: one.low, high: one.high, limit: one.limit!, n: one.n },
      alternatives: beyond.filter(other => other !== one).map(said),
    },
  })
  return new Finding(evidenceOf(one, event), 'shadow', ratioOf(one), 'roll-back', words)
}

export function checkOf({ name, class: of }: Pick<DivergenceFacts, 'name' | 'class'>): string {
  return of === null ? name : `${name} of ${of}`
}

function evidenceOf(one: DivergenceFacts, { rows }: ShadowEvent): Evidence {
  const { value, low, high, n, limit, verdict } = one
  const below = value < 0
  const threshold = below ? -limit! : limit!
  return {
    ...{ against: 'champion', check: checkOf(one), statistic: one.name, value, threshold, thresholdFrom: 'effect' },
    // From there on the whole interval would be beyond.
    noiseFloor: below ? threshold - (high - value) : threshold + (value - low),
    ...{ alpha: 0.05, phi: null, calibrated: true, n, m: rows.champion },
    outcome: verdict === 'beyond' ? 'breach' : verdict === 'within' ? 'ok' : 'insufficient-data',
    ...{ because: verdict === 'open' ? 'too-few-rows' : null, decides: true },
  }
}
