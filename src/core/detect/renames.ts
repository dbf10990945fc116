import type { Cause } from '../alert/event.js'
import type { Opening } from '../alert/lifecycle.js'
import { percent } from '../alert/words.js'
import type { FeatureBaseline } from '../baseline/baseline.js'
import type { Part } from '../window/part.js'
import type { View } from '../window/view.js'
import type { Side } from './compare.js'
import { COUNTERS, counterAt } from './counters.js'
import { type Rename, renamesOf } from './renamed.js'

const MISSING = COUNTERS[counterAt('missing')]
/** A feature that fewer rows lack than so many more than in training has not vanished. */
const LEAST_LOST = 0.05

/** New features of a window that look like vanished ones under another name. */
export interface Renames {
  readonly from: ReadonlyMap<string, Rename>
  readonly to: ReadonlyMap<string, Rename>
}

/** @param all the view of all rows */
export function renamesIn(all: View, parts: readonly Part[], contracts: readonly FeatureBaseline[]): Renames {
  const appeared = [...new Set(parts.flatMap(part => [...part.news.keys()]))].map(name => ({
    name,
    share: newsShare(parts, name),
  }))
  const renames = appeared.length === 0 ? [] : renamesOf(vanishedIn(all, contracts), appeared)
  return {
    from: new Map(renames.map(one => [one.from, one])),
    to: new Map(renames.map(one => [one.to, one])),
  }
}

function vanishedIn(all: View, contracts: readonly FeatureBaseline[]) {
  return contracts.flatMap(contract => {
    const { name, origin, segments } = contract
    const trained = segments.get('')
    if (origin !== undefined || trained === undefined) return []
    const share = (side: Side): number => MISSING.count(side, contract) / Math.max(1, side.rows)
    const lost = share({ rows: all.rows, sketch: all.features.get(name) ?? null }) - share(trained)
    return lost < LEAST_LOST ? [] : [{ name, lost }]
  })
}

/** Share of the parts' rows that had the unknown feature. */
export function newsShare(parts: readonly Part[], feature: string): number {
  const rows = parts.reduce((sum, part) => sum + part.rows, 0)
  return parts.reduce((sum, part) => sum + (part.news.get(feature) ?? 0), 0) / Math.max(1, rows)
}

/** The alert of a feature that vanished, where it came back under another name; any other as it is. */
export function aboutRename(opening: Opening, rename: Rename | undefined): Opening {
  if (rename === undefined || !GONE.has(opening.cause.code)) return opening
  const { sentence, confidence, likeness, to } = rename
  const { cause } = opening
  const gone = cause.numbers['now'] ?? cause.numbers['windowShare'] ?? 1
  const renamed: Cause = {
    ...{ code: 'renamed', confidence, sentence: `${sentence}, in ${percent(gone)} of the rows` },
    ...{
      numbers: { ...cause.numbers, likeness },
      alternatives: [cause.code, `new-feature ${to}`],
      whoMoved: 'pipeline',
    },
  }
  const { from } = rename
  return { ...opening, kind: 'schema', summary: `${from}: ${renamed.sentence}`, cause: renamed, action: 'fix-pipeline' }
}

const GONE: ReadonlySet<string> = new Set(['missing', 'missing-source'])
