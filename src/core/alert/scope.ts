import { type Segment, segmentKey } from '../baseline/baseline.js'
import type { IncidentEvent } from './incident-event.js'
import { percent } from './words.js'

/** One value of a declared dimension in one window. */
export interface SegmentFacts {
  readonly segment: Segment
  readonly rows: number
  /** Its usual share of all rows, of earlier windows or else of training; null where there is neither. */
  readonly usualShare: number | null
  /** Features whose verdict of this window is ok in the segment: judged, and without a breach. */
  readonly quiet: ReadonlySet<string>
}

/** Where in the rows something moved. */
export type Scope = IncidentEvent['scope']

/** A share that moved by less is not a change of the mix: five points. */
const LEAST_MOVE = 0.05
/** Share of a dimension's rows whose segments must be judged and quiet to say that the segments themselves stand still. */
const MOST_QUIET = 0.8
/** Share of the move that the mix must explain. */
const MOST_EXPLAINED = 0.7
const MOST_NAMED = 3

/** Facts of the segments of each dimension that has at least two. */
function byDimension(segments: readonly SegmentFacts[]): Map<string, SegmentFacts[]> {
  const dimensions = new Map<string, SegmentFacts[]>()
  for (const one of segments) {
    const name = Object.keys(one.segment).sort().join(' × ')
    dimensions.set(name, [...(dimensions.get(name) ?? []), one])
  }
  return new Map(
    [...dimensions].filter(([name, its]) => name !== '' && its.length > 1).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

/**
 * The dimension through whose mix alone all rows of a feature moved: some segment's share moved by ≥ max(5 points, 4 standard errors), the
 * segments that hold 80 % of the rows were judged and are quiet, none moved itself, and the new mix explains 70 % of the move (where that is
 * known: small segments are quiet too easily). Null where no dimension tells it so.
 * @param fires whether an alert on the feature fires in the segment
 * @param explained by dimension (see `explainedByMix`)
 */
export function throughMix(
  feature: string,
  segments: readonly SegmentFacts[],
  fires: (one: SegmentFacts) => boolean,
  explained: Readonly<Record<string, number>> = {},
): string | null {
  for (const [dimension, its] of byDimension(segments)) {
    const quiet = its.filter(one => one.quiet.has(feature))
    if ((explained[dimension] ?? 1) < MOST_EXPLAINED) continue
    if (!its.some(fires) && total(quiet) >= MOST_QUIET * total(its) && movedShares(its).length > 0) return dimension
  }
  return null
}

/** Segments whose share of the rows moved beyond chance, the most first. */
function movedShares(segments: readonly SegmentFacts[]): SegmentFacts[] {
  const rows = total(segments)
  const move = ({ rows: n, usualShare }: SegmentFacts): number => Math.abs(n / rows - usualShare!)
  const noise = (p: number): number => 4 * Math.sqrt((p * (1 - p)) / rows)
  return segments
    .filter(one => one.usualShare !== null && move(one) >= Math.max(LEAST_MOVE, noise(one.usualShare)))
    .sort((a, b) => move(b) - move(a))
}

export interface Place {
  readonly segment: Segment
  readonly feature: string
  /** Dimension through whose mix it moved. */
  readonly mix: string | null
}

/**
 * Tells a segment that moved alone, a whole that moved in all its segments, and a whole that moved through its mix.
 * @param places of the alerts that belong together
 */
export function scopeOf(places: readonly Place[], segments: readonly SegmentFacts[]): Scope {
  const dimensions = byDimension(segments)
  const mix = places.find(place => place.mix !== null)?.mix ?? null
  if (mix !== null && dimensions.has(mix)) return mixScope(mix, dimensions.get(mix)!)
  const features = new Set(places.map(({ feature }) => feature))
  const whole = places.some(({ segment }) => segmentKey(segment) === '')
  const keys = new Set(places.map(({ segment }) => segmentKey(segment)))
  const splits = [...dimensions]
    .map(([dimension, its]) => {
      const moved = its.filter(({ segment }) => keys.has(segmentKey(segment)))
      const quiet = its.filter(one => !moved.includes(one) && [...features].some(feature => one.quiet.has(feature)))
      return { dimension, its, moved, quiet, concentration: moved.length / Math.max(1, moved.length + quiet.length) }
    })
    .filter(({ moved }) => moved.length > 0)
    .sort((a, b) => a.concentration - b.concentration)
  const [narrowest] = splits
  if (narrowest === undefined) return segmentOnly(places, whole)
  const { dimension, its, moved, quiet } = narrowest
  const judged = moved.length + quiet.length
  if (whole && 2 * moved.length >= judged && judged > 1)
    return wholeScope(`in all rows, in ${moved.length} of ${judged} ${dimension} alike`)
  const names = moved.map(({ segment }) => segmentWords(segment))
  const few = names.slice(0, MOST_NAMED).join(', ') + (names.length > MOST_NAMED ? ' and others' : '')
  const alone = moved.length === 1 && quiet.length > 0
  const sentence = alone
    ? `only in ${few}${whole ? ', which moves the whole' : ''}`
    : `in ${few}${quiet.length > 0 ? ` (${moved.length} of ${judged} ${dimension})` : ''}`
  const shares = moved.map(({ segment, rows, usualShare }) => ({ segment, usualShare, share: rows / total(its) }))
  return { where: alone ? 'segment' : 'some-segments', dimension, segments: shares, sentence }
}

/** Without facts of the window's segments (none of them has rows any more) the alerts alone tell where. */
function segmentOnly(places: readonly Place[], whole: boolean): Scope {
  if (whole) return wholeScope('in all rows')
  const named = new Map(places.map(({ segment }) => [segmentKey(segment), segment]))
  const segments = [...named.values()].map(segment => ({ segment, usualShare: null, share: 0 }))
  const sentence = `in ${[...named.values()].slice(0, MOST_NAMED).map(segmentWords).join(', ')}`
  return { where: 'some-segments', dimension: null, segments, sentence }
}

function wholeScope(sentence: string): Scope {
  return { where: 'whole', dimension: null, segments: [], sentence }
}

function mixScope(dimension: string, its: readonly SegmentFacts[]): Scope {
  const rows = total(its)
  const segments = movedShares(its).map(({ segment, rows: n, usualShare }) => ({
    segment,
    usualShare,
    share: n / rows,
  }))
  const moves = segments
    .slice(0, MOST_NAMED)
    .map(one => `${segmentWords(one.segment)} ${percent(one.usualShare!)} → ${percent(one.share)} of rows`)
  const sentence = `through the mix of ${dimension} alone${moves.length > 0 ? ` (${moves.join(', ')})` : ''}: inside the segments nothing moved`
  return { where: 'mix', dimension, segments, sentence }
}

function total(segments: readonly SegmentFacts[]): number {
  return segments.reduce((sum, { rows }) => sum + rows, 0)
}

/** "payment_type=Cash". */
function segmentWords(segment: Segment): string {
  return Object.keys(segment)
    .sort()
    .map(name => `${name}=${segment[name]}`)
    .join(' ')
}
