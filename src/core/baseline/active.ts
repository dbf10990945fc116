import type { Activation, Baseline } from './baseline.js'

/** The baseline that a window is judged against, and a word when it is not the model version's own. */
export interface Judge {
  readonly baseline: Baseline
  readonly activeFrom: number | null
  readonly note: string | null
}

/**
 * The baseline in force for a model version at an event time. A version of its own goes before one for any version; a version that has
 * neither is judged against the baseline activated last, and told.
 */
export function activeBaseline(
  baselines: readonly Baseline[],
  activations: readonly Activation[],
  modelVersion: string,
  time: number,
): Judge | null {
  let best: Activation | null = null
  for (const activation of activations) {
    if (activation.from !== null && activation.from > time) continue
    if (best === null || rank(activation, modelVersion) >= rank(best, modelVersion)) best = activation
  }
  const baseline = baselines.find(candidate => candidate.version === best?.baseline)
  if (best === null || baseline === undefined) return null
  const trainedFor = baseline.modelVersion
  const foreign = trainedFor !== null && trainedFor !== modelVersion
  const note = foreign ? `no baseline for model version ${modelVersion}; compared with that of ${trainedFor}` : null
  return { baseline, activeFrom: best.from, note }
}

function rank(activation: Activation, modelVersion: string): number {
  return activation.modelVersion === modelVersion ? 2 : activation.modelVersion === null ? 1 : 0
}
