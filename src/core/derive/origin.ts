/** How a series that no event carries is made of what events carry. Kept with the baseline that it belongs to. */
export type Origin = Joint

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
