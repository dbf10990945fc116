/** Scores are not believed to be nearer to 0 or 1: their log loss stays finite. */
const NEAREST = 1e-15
/** Keys to a unit of the logit: two scores at ±34.5 still lie within 32 bits of each other. */
const PER_UNIT = 2 ** 24

/** A score within [1e−15, 1 − 1e−15]. */
export function believed(score: number): number {
  return Math.min(1 - NEAREST, Math.max(NEAREST, score))
}

/** ln(p / (1 − p)) of a score in [0, 1]; within ±34.6. */
export function logit(score: number): number {
  const p = believed(score)
  return Math.log(p / (1 - p))
}

/** Place of a score in [0, 1] on the scale of logits from the threshold on: not negative just where score ≥ threshold. */
export function keyOfScore(score: number, threshold: number): number {
  const key = Math.floor((logit(score) - logit(threshold)) * PER_UNIT)
  return score >= threshold ? Math.max(0, key) : Math.min(-1, key)
}

/** The score in the middle of a bin, keys from `low` to `high` on the scale of a threshold. */
export function scoreBetween(low: number, high: number, threshold: number): number {
  return 1 / (1 + Math.exp(-(logit(threshold) + (low + high + 1) / (2 * PER_UNIT))))
}

const bits = new DataView(new ArrayBuffer(8))

/**
 * Place of a finite number among all: the high word of its IEEE 754 form, put in order. 2²⁰ places from a power of two to the next, so that
 * neighbours differ by a millionth.
 */
export function keyOfNumber(x: number): number {
  bits.setFloat64(0, Math.abs(x))
  const magnitude = bits.getInt32(0)
  return x < 0 ? ~magnitude : magnitude
}

/** The number in the middle of a bin, keys from `low` to `high`. */
export function numberBetween(low: number, high: number): number {
  return numberOfKey(low) / 2 + numberOfKey(high) / 2
}

/** The number of least magnitude at a place; of the last places, which no number has, the largest. */
function numberOfKey(key: number): number {
  bits.setInt32(0, Math.min(key < 0 ? ~key : key, 0x7fefffff))
  bits.setInt32(4, 0)
  const magnitude = bits.getFloat64(0)
  return key < 0 ? -magnitude : magnitude
}
