import { type Companion, companionsOf, isSource, unfamiliarOf } from '../derive/companions.js'
import { Tokens } from '../derive/tokens.js'
import { TokenCounts, Vocabulary } from '../derive/vocabulary.js'
import { type Layout, NUMBER, type Row, TEXT } from '../row.js'
import { NumericSketch } from '../sketch/numeric-sketch.js'
import type { FeatureBaseline } from './baseline.js'
import { freezeGrid } from './freeze.js'
import { mixed } from './row-sample.js'

/** Lengths of vectors that are counted; a feature with more of them is no vector. */
const MOST_DIMENSIONS = 64
/** Texts kept to see how much of them a vocabulary does not know, and tokens of each. */
const MOST_TEXTS = 2048
const MOST_TOKENS = 1024
/** Texts without which a share of unknown tokens is not watched. */
const FEWEST_TEXTS = 200

/**
 * Whether the vocabulary is learnt from the row at this place. The other half shows what share of a text is unknown to a vocabulary that was
 * not learnt from it, as serving will.
 */
export function isLearntFrom(place: number): boolean {
  return (mixed(place) & 1) === 0
}

interface TextFacts {
  readonly counts: TokenCounts
  /** Tokens of some texts of the other half. */
  texts: { readonly hash: number; readonly tokens: Int32Array }[]
  threshold: number
}

/** What the first pass over training rows learns of vectors and texts: their dimension, their vocabulary. */
export class SourceFacts {
  readonly #tokens = new Tokens()
  readonly #dimensions = new Map<number, Map<number, number>>()
  readonly #texts = new Map<number, TextFacts>()

  constructor(private readonly layout: Layout) {}

  /** @param place of the row, from 0 */
  add(row: Row, place: number): void {
    const { slots } = this.layout
    for (let slot = 0; slot < slots.length; slot++) {
      const { kind } = slots[slot]
      if (kind === 'embedding' && row.flags[slot] === NUMBER) this.#vector(slot, row.lengths[slot])
      else if (kind === 'text' && row.flags[slot] === TEXT) this.#text(slot, row, place)
    }
  }

  /** Series whose definition has been learnt, by name: those that need no more, with what they are made of. */
  companions(): Map<string, Companion> {
    const all = this.layout.slots.flatMap(({ name, kind }, slot) =>
      isSource(kind) ? companionsOf(name, kind, this.#dimension(slot)) : [],
    )
    return new Map(all.map(companion => [companion.name, companion]))
  }

  /** The out-of-vocabulary shares of the texts, cut by what the half of the rows shows that the vocabulary was not learnt from. */
  unfamiliar(): FeatureBaseline[] {
    return [...this.#texts].flatMap(([slot, { counts, texts }]) => {
      const hashes = counts.vocabulary()
      const vocabulary = new Vocabulary(hashes)
      const sketch = new NumericSketch({ grid: null, countDistinct: false })
      let seen = 0
      for (const { tokens } of texts) {
        if (tokens.length === 0) continue
        sketch.add(vocabulary.unknownShare(tokens, tokens.length))
        seen++
      }
      const state = sketch.state()
      sketch.release()
      if (seen < FEWEST_TEXTS) return []
      const companion = unfamiliarOf(this.layout.slots[slot].name, hashes)
      return [
        { ...companion, kind: 'numeric', unit: null, numeric: freezeGrid(state), values: [], segments: new Map() },
      ]
    })
  }

  #dimension(slot: number): number | null {
    const counts = [...(this.#dimensions.get(slot) ?? [])].sort(([a, x], [b, y]) => y - x || a - b)
    return counts[0]?.[0] ?? null
  }

  #vector(slot: number, dimension: number): void {
    let counts = this.#dimensions.get(slot)
    if (counts === undefined) this.#dimensions.set(slot, (counts = new Map()))
    const known = counts.get(dimension)
    if (known !== undefined || counts.size < MOST_DIMENSIONS) counts.set(dimension, (known ?? 0) + 1)
  }

  #text(slot: number, row: Row, place: number): void {
    let facts = this.#texts.get(slot)
    if (facts === undefined)
      this.#texts.set(slot, (facts = { counts: new TokenCounts(), texts: [], threshold: 2 ** 32 }))
    const tokens = this.#tokens
    tokens.scan(row.bytes, row.starts[slot], row.lengths[slot])
    if (isLearntFrom(place)) {
      for (let t = 0; t < tokens.count; t++) facts.counts.add(tokens.hashes[t])
      return
    }
    const hash = mixed(place)
    if (hash >= facts.threshold) return
    facts.texts.push({ hash, tokens: tokens.hashes.slice(0, Math.min(tokens.count, MOST_TOKENS)) })
    while (facts.texts.length > MOST_TEXTS) {
      facts.threshold /= 2
      const { threshold } = facts
      facts.texts = facts.texts.filter(kept => kept.hash < threshold)
    }
  }
}
