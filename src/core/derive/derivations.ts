import type { Baseline, FeatureBaseline } from '../baseline/baseline.js'
import type { Monitor } from '../monitor.js'
import { withoutRaw } from '../privacy.js'
import type { Layout, Row } from '../row.js'
import { companionsOf, isSource } from './companions.js'
import type { Derivation } from './derivation.js'
import { EmbeddingSeries } from './embedding.js'
import { JointProjections, type JointSlot } from './joint.js'
import type { EmbeddingPart, TextPart } from './origin.js'
import { TextSeries, type Unfamiliar } from './text.js'
import { Vocabulary } from './vocabulary.js'

/** The baseline without the series that the monitor does not want, and without values that it wants hashed. */
export function watchedBy(monitor: Pick<Monitor, 'joint' | 'privacy' | 'segments'>, whole: Baseline): Baseline {
  const baseline = withoutRaw(monitor, whole)
  if (monitor.joint !== 'none') return baseline
  return { ...baseline, features: baseline.features.filter(({ origin }) => origin?.what !== 'joint') }
}

/**
 * What fills the slots of the baselines' derived series: of vectors and texts first, of relations last, which may be between those. A series
 * that two baselines share is filled once.
 */
export function derivationsOf(layout: Layout, baselines: readonly Baseline[]): Derivation[] {
  const features = baselines.flatMap(baseline => baseline.features)
  const parts = <P extends EmbeddingPart | TextPart>(what: P['what']): Map<string, P[]> => {
    const found = new Map<string, P[]>()
    for (const { origin } of features) {
      if (origin?.what !== what) continue
      const known = found.get((origin as P).of)
      if (known === undefined) found.set((origin as P).of, [origin as P])
      else known.push(origin as P)
    }
    return found
  }
  const embeddings = [...parts<EmbeddingPart>('embedding')].map(([of, all]) => {
    const dimensions = all.flatMap(({ dimension }) => dimension ?? [])
    return embeddingSeries(layout, of, dimensions.length === all.length ? new Set(dimensions) : null)
  })
  const texts = [...parts<TextPart>('text').keys()].map(of => textSeries(layout, of, unfamiliar(layout, features, of)))
  const joints = new Map<number, JointSlot>()
  for (const { name, origin } of features) {
    const slot = layout.indexOf(name)
    if (origin?.what === 'joint' && !joints.has(slot)) joints.set(slot, { slot, joint: origin })
  }
  return [...embeddings, ...texts, ...(joints.size === 0 ? [] : [new JointProjections(layout, [...joints.values()])])]
}

/** Slots that the baseline's derived series are made from. */
export function addSources(layout: Layout, { features }: Pick<Baseline, 'features'>): void {
  for (const { origin } of features)
    if (origin !== undefined && origin.what !== 'joint') layout.add(origin.of, origin.what, false)
}

function unfamiliar(layout: Layout, features: readonly FeatureBaseline[], of: string): Unfamiliar[] {
  const found = new Map<number, Unfamiliar>()
  for (const { name, origin } of features) {
    if (origin?.what !== 'text' || origin.part !== 'oov' || origin.of !== of) continue
    const slot = layout.indexOf(name)
    if (!found.has(slot)) found.set(slot, { slot, vocabulary: new Vocabulary(origin.vocabulary) })
  }
  return [...found.values()]
}

function embeddingSeries(layout: Layout, of: string, dimensions: ReadonlySet<number> | null): EmbeddingSeries {
  const [norm, ...projections] = companionsOf(of, 'embedding').map(({ name }) => layout.add(name, 'numeric'))
  return new EmbeddingSeries(layout.add(of, 'embedding', false), norm, Int32Array.from(projections), dimensions)
}

function textSeries(layout: Layout, of: string, oov: readonly Unfamiliar[]): TextSeries {
  const [length, tokens] = companionsOf(of, 'text').map(({ name }) => layout.add(name, 'numeric'))
  return new TextSeries(layout.add(of, 'text', false), length, tokens, oov)
}

/**
 * What is derived where there is no baseline: the series of every vector and text feature that the layout has, also of those that turn up
 * while rows come in.
 */
export class DiscoveredSeries implements Derivation {
  readonly #series: Derivation[] = []
  #looked = 0

  constructor(private readonly layout: Layout) {}

  fill(row: Row): void {
    if (this.layout.slots.length !== this.#looked) this.#look(row)
    const series = this.#series
    for (let s = 0; s < series.length; s++) series[s].fill(row)
  }

  #look(row: Row): void {
    const { layout } = this
    for (; this.#looked < layout.slots.length; this.#looked++) {
      const { name, kind } = layout.slots[this.#looked]
      if (!isSource(kind)) continue
      this.#series.push(kind === 'text' ? textSeries(layout, name, []) : embeddingSeries(layout, name, null))
    }
    row.fit()
  }
}
