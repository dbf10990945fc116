import { activeBaseline } from './baseline/active.js'
import type { Activation, Baseline, FeatureBaseline } from './baseline/baseline.js'
import { addSources, DiscoveredSeries, derivationsOf, watchedBy } from './derive/derivations.js'
import { TRAFFIC } from './detect/traffic.js'
import { ageRange } from './feature-age.js'
import { type Dimension, type Monitor, slotName } from './monitor.js'
import { CUT, type FeaturePlan, type PanePlan, type Segmentation, type SegmentDimension } from './plan.js'
import type { Layout } from './row.js'
import { unionGrid } from './sketch/project.js'
import { leavesOf } from './window/caps.js'
import { unplanned } from './window/part-builder.js'

/** Leaves of the product of all dimensions; beyond, each dimension is cut on its own. */
const MOST_LEAVES = 64

/**
 * Says what to count in each pane, from the monitor and the baselines. A pane counts at the edges of the baseline in force and of the one
 * loaded last, so that a promotion finds its windows counted.
 */
export class PanePlanner {
  #baselines: readonly Baseline[] = []
  #activations: readonly Activation[] = []
  readonly #plans = new Map<string, PanePlan>()

  constructor(
    private readonly monitor: Monitor,
    private readonly layout: Layout,
  ) {
    for (const [name, feature] of monitor.features) if (name !== TRAFFIC) layout.add(name, feature.kind ?? 'auto')
    for (const { series } of monitor.times) layout.add(series, 'numeric')
    for (const dimension of monitor.segments) layout.add(slotName(dimension), 'categorical', dimension.path === null)
    for (const dimension of monitor.segments)
      for (const value of dimension.values ?? []) this.#dictionary(dimension).add(value)
  }

  /** New tables. What is known of earlier baselines stays: they are immutable. */
  update(baselines: readonly Baseline[], activations: readonly Activation[]): void {
    this.#baselines = baselines.map(baseline => watchedBy(this.monitor, baseline))
    this.#activations = activations
    this.#plans.clear()
    for (const baseline of this.#baselines) {
      addSources(this.layout, baseline)
      for (const feature of baseline.features) {
        const slot = this.layout.add(feature.name, this.monitor.features.get(feature.name)?.kind ?? feature.kind)
        for (const value of feature.values) this.layout.slots[slot].dictionary.add(value)
      }
      for (const dimension of this.monitor.segments)
        for (const value of segmentValues(dimension, [baseline])) this.#dictionary(dimension).add(value)
    }
    this.layout.discover = baselines.length === 0
  }

  plan(version: number, pane: number): PanePlan {
    const chosen = this.#chosen(this.layout.versions.values[version], pane)
    return this.#planOf(chosen)
  }

  planFor(versions: readonly number[]): PanePlan | null {
    const chosen = this.#baselines.filter(({ version }) => versions.includes(version))
    return chosen.length < versions.length ? null : this.#planOf(chosen)
  }

  #planOf(chosen: readonly Baseline[]): PanePlan {
    const key = chosen.map(baseline => baseline.version).join()
    let plan = this.#plans.get(key)
    if (plan === undefined) this.#plans.set(key, (plan = this.#make(chosen)))
    return plan
  }

  /** At most two baselines, older first. */
  #chosen(modelVersion: string, pane: number): Baseline[] {
    const { baseline: wanted } = this.monitor
    if (wanted !== 'active' && wanted !== 'first-windows') return this.#baselines.filter(b => b.version === wanted)
    const active = activeBaseline(this.#baselines, this.#activations, modelVersion, pane)?.baseline
    const candidate = this.#baselines
      .filter(b => (b.modelVersion === null || b.modelVersion === modelVersion) && (b.from === null || b.from <= pane))
      .at(-1)
    const both = [active, candidate].filter(b => b !== undefined)
    return [...new Set(both)].sort((a, b) => a.version - b.version)
  }

  #make(baselines: readonly Baseline[]): PanePlan {
    const features = this.layout.slots.map(({ name, kind, watched }, slot) => {
      const known = baselines.flatMap(baseline => baseline.features.find(feature => feature.name === name) ?? [])
      const time = this.monitor.times.find(({ series }) => series === name)
      // What the events of training did not carry is of no use; that values are too old needs no training.
      if (!watched || (baselines.length > 0 && known.length === 0 && time === undefined)) return null
      const range = this.monitor.features.get(name)?.range ?? (time === undefined ? null : ageRange(time))
      return { ...(known.length === 0 ? unplanned(name, kind) : this.#feature(slot, known)), range }
    })
    return {
      baselines: baselines.map(baseline => baseline.version),
      features,
      derivations: baselines.length === 0 ? [new DiscoveredSeries(this.layout)] : derivationsOf(this.layout, baselines),
      segmentation: this.#segmentation(baselines, features.filter(feature => feature !== null).length),
    }
  }

  #feature(slot: number, known: readonly FeatureBaseline[]): FeaturePlan {
    const { name, kind, dictionary } = this.layout.slots[slot]
    const grids = known.flatMap(feature => feature.numeric?.grid ?? [])
    const values = [...new Set(known.flatMap(feature => feature.values))]
    const integers = known.some(feature => {
      const numeric = feature.segments.get('')?.sketch.numeric
      return numeric != null && numeric.integers > 0.5 * numeric.count
    })
    return {
      name,
      kind,
      grid: grids.length === 0 ? null : grids.reduce(unionGrid),
      values,
      cells: cellsOf(values, dictionary.values),
      countDistinct: integers,
    }
  }

  /** @param features series of a leaf: with `limits.series` they say how many leaves there may be */
  #segmentation(baselines: readonly Baseline[], features: number): Segmentation {
    const { limits, segments } = this.monitor
    const wanted = segments.map(dimension => ({ dimension, values: segmentValues(dimension, baselines) }))
    const room = Math.floor(limits.series / Math.max(1, features))
    const few = wanted.map(one => ({ ...one, values: one.values.slice(0, limits.segments) }))
    const together = leavesOf(few) <= Math.min(MOST_LEAVES, room)
    const kept = together ? few : withRoom(few, room)
    const dimensions = kept.map(({ dimension, values }, d): SegmentDimension => {
      const cut = wanted[d].values.slice(values.length)
      const slot = this.layout.indexOf(slotName(dimension))
      const cells = cellsOf(values, this.#dictionary(dimension).values, cut)
      return { name: dimension.name, slot, values, cells, cut: cut.length }
    })
    return { groups: together ? [dimensions] : dimensions.map(dimension => [dimension]) }
  }

  #dictionary(dimension: Dimension) {
    return this.layout.slots[this.layout.indexOf(slotName(dimension))].dictionary
  }
}

/** Declared values, or those most frequent in the baselines; never first come. */
export function segmentValues(dimension: Dimension, baselines: readonly Baseline[]): string[] {
  if (dimension.values !== null) return [...dimension.values]
  const tops = baselines.flatMap(baseline => (baseline.segments.get(dimension.name) ?? []).slice(0, dimension.top))
  return [...new Set(tops)]
}

/** Dimensions side by side, the longest cut until their leaves have room; the last values are the rarest. */
function withRoom<D extends { readonly values: readonly string[] }>(dimensions: readonly D[], room: number): D[] {
  const cut = [...dimensions]
  const leaves = (): number => cut.reduce((sum, { values }) => sum + values.length + 1, 0)
  while (leaves() > room && cut.some(({ values }) => values.length > 0)) {
    const longest = cut.reduce((most, { values }, d) => (values.length > cut[most].values.length ? d : most), 0)
    cut[longest] = { ...cut[longest], values: cut[longest].values.slice(0, -1) }
  }
  return cut
}

/** Index in `values` by dictionary id, `CUT` where the text is among those cut, −1 where it is in neither. */
function cellsOf(values: readonly string[], dictionary: readonly string[], cut: readonly string[] = []): Int32Array {
  const index = new Map(values.map((value, cell) => [value, cell]))
  for (const value of cut) index.set(value, CUT)
  return Int32Array.from(dictionary, text => index.get(text) ?? -1)
}
