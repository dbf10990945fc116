import type { Cause } from '../../alert/event.js'
import { fromTo, number, percent } from '../../alert/words.js'
import { LEVELS, MEDIAN } from '../shape.js'
import { loudest, type Reference } from './reference.js'
import { quoted, type Seen } from './seen.js'

/** What is left where no signature fits: what moved, and by how much. */
export function distribution(seen: Seen, reference: Reference | null): Cause {
  const told =
    reference === null ? null : seen.contract.numeric === null ? labels(seen, reference) : values(seen, reference)
  return {
    code: 'distribution',
    confidence: loudest(seen) >= 10 ? 'medium' : 'low',
    sentence: told?.sentence ?? 'the distribution changed; no known fault has this signature',
    numbers: told?.numbers ?? {},
    alternatives: [],
    whoMoved: 'unknown',
  }
}

interface Told {
  readonly sentence: string
  readonly numbers: Cause['numbers']
}

const UNEXPLAINED = 'no known fault has this signature'

function values({ now, contract }: Seen, { curve }: Reference): Told | null {
  if (curve === null || now.shape === null) return null
  const before = curve.quantiles
  const { quantiles } = now.shape
  const width = (q: Float64Array): number => q[17] - q[3]
  const shift = (quantiles[MEDIAN] - before[MEDIAN]) / contract.numeric!.sigma
  const spread = width(before) > 0 ? width(quantiles) / width(before) : 1
  const wider = Math.abs(spread - 1) < 0.1 || !Number.isFinite(spread) ? '' : `, spread × ${number(spread)}`
  const what =
    Math.abs(shift) < STILL && wider === ''
      ? elsewhere(before, quantiles, curve.noise)
      : `median ${fromTo(before[MEDIAN], quantiles[MEDIAN])} (${number(shift)} σ)`
  return {
    sentence: `the distribution changed: ${what}${wider}; ${UNEXPLAINED}`,
    numbers: { medianBefore: before[MEDIAN], medianNow: quantiles[MEDIAN], shift, spread },
  }
}

/** Medians that move by less, in σ, say nothing of what did. */
const STILL = 0.02

/** Where neither the middle nor the width moved: the quantile that did, by its noise. */
function elsewhere(before: Float64Array, now: Float64Array, noise: Float64Array): string {
  const moves = now.map((q, l) => Math.abs(q - before[l]) / Math.max(Number.MIN_VALUE, noise[l]))
  const most = moves.indexOf(Math.max(...moves))
  const stays = `median as before (${number(now[MEDIAN])})`
  if (!(moves[most] > 0) || most === MEDIAN) return stays
  return `${stays}, ${number(100 * LEVELS[most])} % quantile ${fromTo(before[most], now[most])}`
}

function labels(seen: Seen, { cells, count }: Reference): Told | null {
  const { now, contract } = seen
  if (now.count === 0 || count === 0) return null
  const moves = Array.from({ length: now.cells.length - 2 }, (_, l) => ({
    label: contract.values[l],
    before: cells[l] / count,
    now: now.cells[l] / now.count,
  })).sort((a, b) => Math.abs(b.now - b.before) - Math.abs(a.now - a.before))
  const told = moves
    .slice(0, 2)
    .map(move => `${quoted(seen, move.label)} ${percent(move.before)} → ${percent(move.now)}`)
  const [first] = moves
  return {
    sentence: `the shares changed: ${told.join(', ')}; ${UNEXPLAINED}`,
    numbers: first === undefined ? {} : { before: first.before, now: first.now },
  }
}
