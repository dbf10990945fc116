import type { SketchState } from './state.js'

/** Of rows whose order means nothing, such as a training file's. */
export const NO_REPEATS: Pick<SketchState, 'repeatable' | 'repeats' | 'entityRepeatable' | 'entityRepeats'> = {
  repeatable: 0,
  repeats: 0,
  entityRepeatable: 0,
  entityRepeats: 0,
}
