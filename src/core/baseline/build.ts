import type { Companion } from '../derive/companions.js'
import { TextSeries } from '../derive/text.js'
import { namesFrom } from '../detect/shown.js'
import { AGE_UNIT, isAge } from '../feature-age.js'
import type { Monitor } from '../monitor.js'
import type { PanePlan } from '../plan.js'
import { PanePlanner, segmentValues } from '../planner.js'
import type { FeatureKind, Layout, Row } from '../row.js'
import { NO_REPEATS } from '../sketch/repeats.js'
import type { CategoricalState, SketchState } from '../sketch/state.js'
import type { Leaf, Part } from '../window/part.js'
import { PartBuilder } from '../window/part-builder.js'
import { mergeViews, type View } from '../window/view.js'
import { type Baseline, type FeatureBaseline, type Segment, segmentKey, type Trained } from './baseline.js'
import { freezeGrid } from './freeze.js'
import { HistoryLearner, type ValueCounts, windowOf } from './learn-history.js'
import { learnJoint } from './learn-joint.js'
import { isLearntFrom, SourceFacts } from './learn-sources.js'
import { RowSample } from './row-sample.js'

/** Values of a categorical feature that a baseline names. */
const MOST_VALUES = 1000

/** What the file or range says of itself. */
export interface Provenance {
  readonly version: number
  readonly modelVersion: string | null
  readonly source: string
  readonly loadedAt: number
  readonly from: number | null
}

/**
 * Builds a baseline in two passes over the same rows: the first finds where to cut (bins, atoms, values), the second counts exactly there,
 * by segment, and window by window where rows have times. Each pass holds sketches only, however many rows there are.
 */
export class BaselineBuilder {
  #builder: PartBuilder
  #draft: Baseline | null = null
  /** Of the first pass, where relations between features are wanted. */
  #sample: RowSample | null
  /** Of the first pass: what vectors and texts are like. */
  #facts: SourceFacts | null
  /** Of the second pass: what counts texts. */
  #texts: readonly TextSeries[] = []
  /** Of the second pass, or of a third one in the order of time. */
  #history: HistoryLearner | null = null
  #newest = Number.NEGATIVE_INFINITY
  #inOrder = true
  #rows = 0
  #earliest = Number.POSITIVE_INFINITY
  #latest = Number.NEGATIVE_INFINITY

  constructor(
    private readonly monitor: Monitor,
    private readonly layout: Layout,
    private readonly provenance: Provenance,
  ) {
    const planner = new PanePlanner(monitor, layout)
    layout.versions.add('baseline')
    const everything: PanePlan = { ...planner.plan(0, 0), segmentation: { groups: [[]] } }
    this.#builder = new PartBuilder(0, 0, 0, everything, false)
    this.#sample = monitor.joint === 'none' ? null : new RowSample()
    this.#facts = new SourceFacts(layout)
  }

  /** One row of the pass at hand. */
  observe(row: Row): void {
    const place = this.#rows++
    for (const texts of this.#texts) texts.learntFrom = isLearntFrom(place)
    this.#builder.observe(row, place)
    if (this.#inOrder) this.#history?.observe(row, place)
    const window = windowOf(row.time, this.monitor)
    if (window < this.#newest) this.#inOrder = false
    else this.#newest = window
    this.#sample?.add(row)
    this.#facts?.add(row, place)
    if (row.time < this.#earliest) this.#earliest = row.time
    if (row.time > this.#latest) this.#latest = row.time
  }

  /** Whether the rows have to be gone through once more, in the order of time, for their history: by `observeInOrder`. */
  get wantsOrder(): boolean {
    return this.#history !== null && !this.#inOrder
  }

  /** One row of the third pass. */
  observeInOrder(row: Row, place: number): void {
    for (const texts of this.#texts) texts.learntFrom = isLearntFrom(place)
    this.#history!.observe(row, place)
  }

  /** Ends the first pass. */
  freeze(): void {
    const [leaf] = this.#builder.close(this.layout.slots)
    const companions = this.#facts!.companions()
    const served = (leaf?.features ?? []).flatMap(sketch => contractOf(this.monitor, sketch, companions))
    const segments = segmentsOf(this.monitor, served, leaf?.features ?? [])
    const { model } = this.monitor
    const features = [
      ...served,
      ...this.#facts!.unfamiliar(),
      ...(this.#sample ? learnJoint(this.monitor, served, this.#sample, this.layout) : []),
    ]
    this.#sample = null
    this.#facts = null
    this.#draft = { model, ...this.provenance, hash: '', rows: this.#rows, timeRange: null, segments, features }
    // Whatever version the monitor is judged by, whichever model version and pane this one is for: the second pass counts at its edges.
    const planner = new PanePlanner({ ...this.monitor, baseline: 'active' }, this.layout)
    planner.update([{ ...this.#draft, from: null, modelVersion: null }], [])
    const plan = planner.plan(0, 0)
    this.#texts = plan.derivations.filter(derivation => derivation instanceof TextSeries)
    this.#builder = new PartBuilder(0, 0, 0, plan, false)
    this.#rows = 0
    this.#newest = Number.NEGATIVE_INFINITY
    if (this.#hasTimes) {
      const counts = valueCounts(leaf?.features ?? [], features)
      this.#history = new HistoryLearner(this.monitor, this.layout, plan, features, this.#views, counts)
    }
  }

  /** Ends the second pass. */
  finish(digest: (baseline: Baseline) => string): Baseline {
    const draft = this.#draft!
    const views = this.#views(this.#builder.close(this.layout.slots))
    const learnt = this.#history?.finish()
    const learntOf = ({ name }: FeatureBaseline, segment: Segment): Pick<Trained, 'history' | 'swings'> =>
      learnt?.get(name)?.get(segmentKey(segment)) ?? {}
    const features = draft.features.map(feature => ({
      ...feature,
      segments: new Map(
        views.flatMap(({ segment, rows, features: sketches }) => {
          const sketch = sketches.get(feature.name)
          return sketch === undefined
            ? []
            : [
                [
                  segmentKey(segment),
                  { rows, sketch: { ...sketch, ...NO_REPEATS }, ...learntOf(feature, segment) },
                ] as const,
              ]
        }),
      ),
    }))
    const timeRange = this.#hasTimes ? { from: this.#earliest, to: this.#latest } : null
    const baseline = { ...draft, rows: this.#rows, timeRange, features }
    return { ...baseline, hash: digest(baseline) }
  }

  get #hasTimes(): boolean {
    return Number.isFinite(this.#earliest) && this.#latest > 0
  }

  /** The segments of leaves that were counted as the draft says. */
  #views = (leaves: readonly Leaf[]): View[] => {
    const draft = this.#draft!
    const grids = new Map(draft.features.map(({ name, numeric }) => [name, numeric?.grid ?? null]))
    const grid = (name: string) => grids.get(name) ?? null
    const dimensions = this.monitor.segments.map(dimension => ({
      name: dimension.name,
      values: new Set(segmentValues(dimension, [draft])),
    }))
    const part: Pick<Part, 'leaves'> = { leaves }
    return mergeViews([part as Part], dimensions, { of: (_, name) => grid(name), wanted: grid })
  }
}

/**
 * How one feature is cut, from a sketch that counted without a grid; nothing where it was never there.
 * @param companions what is known of series that are made of vectors and texts, by name
 */
export function contractOf(
  monitor: Monitor,
  sketch: SketchState,
  companions: ReadonlyMap<string, Companion>,
): FeatureBaseline[] {
  const { feature: name, numeric, categorical } = sketch
  const origin = companions.get(name)?.origin
  const spec = monitor.features.get(name)
  const kind = spec?.kind ?? kindOf(sketch)
  const unit = spec?.unit ?? (isAge(monitor, name) ? AGE_UNIT : null)
  if (kind === 'numeric' ? !numeric?.count : !categorical?.count) return []
  const values = kind === 'numeric' ? [] : valuesOf(categorical!)
  const frozen = kind === 'numeric' ? freezeGrid(numeric!) : null
  return [{ name, kind, unit, numeric: frozen, values, segments: new Map(), ...(origin && { origin }) }]
}

/**
 * Values of each segment dimension, most frequent first; of those not listed in the monitor only such as `privacy.minCount` rows have.
 * @param sketches that count them
 */
export function segmentsOf(
  monitor: Monitor,
  features: readonly FeatureBaseline[],
  sketches: readonly SketchState[],
): Map<string, readonly string[]> {
  return new Map(
    monitor.segments.map(dimension => {
      const counted = sketches.find(({ feature }) => feature === dimension.name)?.categorical
      const names = namesFrom(monitor.privacy?.minCount ?? 1, [counted])
      const frequent = features.find(({ name }) => name === dimension.name)?.values ?? []
      const values = dimension.values ?? frequent.filter(value => names(value) === value)
      return [dimension.name, values.slice(0, MOST_VALUES)]
    }),
  )
}

function valueCounts(sketches: readonly SketchState[], features: readonly FeatureBaseline[]): ValueCounts {
  const labelled = new Set(features.flatMap(({ name, numeric }) => (numeric === null ? [name] : [])))
  return new Map(
    sketches.flatMap(({ feature, categorical }) =>
      categorical === null || !labelled.has(feature) ? [] : [[feature, new Map(countsOf(categorical))] as const],
    ),
  )
}

/** The kind of what prevails. */
function kindOf({ numeric, categorical }: SketchState): FeatureKind {
  if ((numeric?.count ?? 0) >= (categorical?.count ?? 0)) return 'numeric'
  const values = valuesOf(categorical!)
  const isBoolean = values.length > 0 && values.every(value => value === 'true' || value === 'false')
  return isBoolean ? 'boolean' : 'categorical'
}

function countsOf({ known, heavy }: Pick<CategoricalState, 'known' | 'heavy'>): (readonly [string, number])[] {
  return [...known, ...heavy.map(({ value, count }) => [value, count] as const)]
}

/**
 * Rows that surely had a value that more values than can be counted compete with. Of 30,000 rows of 1,000 to 100,000 values (Zipf), the last 600 have
 * as many known values as any others from here on; with all 256 they have 71 to 98 % and the others 37 to 76 %.
 */
const SEEN = 5

/**
 * Values most frequent first, ties in text order. Of more values than Space-Saving holds, the newest rows always have theirs there, with the count of
 * what they took the place of: those that have hardly been seen since are left out, else the end of training would be known better than all of it.
 */
function valuesOf({ known, heavy }: CategoricalState): string[] {
  const counts = countsOf({ known, heavy: heavy.filter(({ count, error }) => error === 0 || count - error >= SEEN) })
  counts.sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
  return counts.slice(0, MOST_VALUES).map(([value]) => value)
}
