/** First index of each field in a profile's numbers, from its `at` on, which have this order; `…End`: the index after the last. */
export interface Places {
  readonly counters: number
  readonly cells: number
  readonly topValues: number
  readonly topCounts: number
  readonly hasShape: boolean
  /** Of `MEAN`, `VARIANCE`, `SPREAD` and `SPREAD_VARIANCE`. */
  readonly shape: number
  readonly quantiles: number
  readonly quantilesEnd: number
  /** Where the quantiles are, if these are the same. */
  readonly magnitudes: number
  readonly magnitudesEnd: number
  /** Numbers in all. */
  readonly size: number
}

export const ROWS = 0
export const COUNT = 1
export const DISTINCT = 2
const BEFORE_COUNTERS = 3
/** From a profile's `places.shape` on. */
export const MEAN = 0
export const VARIANCE = 1
export const SPREAD = 2
export const SPREAD_VARIANCE = 3
const MOMENTS = 4

const allPlaces = new Map<string, Places>()

/**
 * @param quantiles how many; null without a shape
 * @param magnitudes how many; null where they are the quantiles
 * @param guess what they likely are
 */
export function placesOf(
  counters: number,
  cells: number,
  tops: number,
  quantiles: number | null,
  magnitudes: number | null,
  guess: Places | null,
): Places {
  if (
    guess !== null &&
    guess.cells - guess.counters === counters &&
    guess.topValues - guess.cells === cells &&
    guess.topCounts - guess.topValues === tops &&
    guess.hasShape === (quantiles !== null) &&
    guess.quantilesEnd - guess.quantiles === (quantiles ?? 0) &&
    (magnitudes === null) === (guess.magnitudes === guess.quantiles) &&
    (magnitudes === null || guess.magnitudesEnd - guess.magnitudes === magnitudes)
  )
    return guess
  const key = `${counters} ${cells} ${tops} ${quantiles} ${magnitudes}`
  let places = allPlaces.get(key)
  if (places === undefined) {
    const cellsAt = BEFORE_COUNTERS + counters
    const topsAt = cellsAt + cells
    const shape = topsAt + 2 * tops
    const quantilesAt = quantiles === null ? shape : shape + MOMENTS
    const quantilesEnd = quantilesAt + (quantiles ?? 0)
    places = {
      ...{ counters: BEFORE_COUNTERS, cells: cellsAt, topValues: topsAt, topCounts: topsAt + tops, shape },
      ...{ hasShape: quantiles !== null, quantiles: quantilesAt, quantilesEnd },
      magnitudes: magnitudes === null ? quantilesAt : quantilesEnd,
      magnitudesEnd: quantilesEnd + (magnitudes ?? 0),
      size: quantilesEnd + (magnitudes ?? 0),
    }
    allPlaces.set(key, places)
  }
  return places
}
