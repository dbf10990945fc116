/** How a series that no event carries is made of what events carry. Kept with the baseline that it belongs to. */
export type Origin = Joint | EmbeddingPart | TextPart

/**
 * A direction in the space of standardised features: p = Σ weight · clip((x − median)/σ, ±8), in steps of 1/64. Its distribution depends
 * on how the features go together, so that a relation that breaks is seen where every feature on its own looks as ever.
 */
export interface Joint {
  readonly what: 'joint'
  /** `relation`: learnt from the training rows; `random`: seeded, for relations that training did not have. */
  readonly chosen: 'relation' | 'random'
  /** At least two; the feature that the relation is about first. */
  readonly terms: readonly JointTerm[]
}

export interface JointTerm {
  readonly feature: string
  /** Of the feature's contract when the direction was learnt. */
  readonly median: number
  readonly sigma: number
  /** Scaled so that p had variance 1 if the features had nothing to do with each other. */
  readonly weight: number
}

/** The length of a vector, or its projection on a seeded direction. */
export interface EmbeddingPart {
  readonly what: 'embedding'
  /** The feature that holds the vector. */
  readonly of: string
  /** 0: Euclidean norm; i ≥ 1: the i-th projection. */
  readonly part: number
  /** Numbers of a vector; one that has more or fewer is of the wrong type. Null: any, where the training values were not at hand. */
  readonly dimension: number | null
}

/** A count of a text. */
export interface TextPart {
  readonly what: 'text'
  readonly of: string
  /** Characters (code points), tokens, or the share of tokens that are not in the vocabulary. */
  readonly part: 'length' | 'tokens' | 'oov'
  /** Hashes of the training texts' most frequent tokens, ascending; empty but for `oov`. */
  readonly vocabulary: Int32Array
}

/** Whether the series stands for its feature in what is counted of rows (null, missing, wrong type): one series of a feature does. */
export function standsForFeature(origin: Origin): boolean {
  return origin.what === 'embedding' ? origin.part === 0 : origin.what === 'text' && origin.part === 'length'
}
