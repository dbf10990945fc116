import type { AlertEvent, Quantiles } from '../core/alert/event.js'
import { percent } from '../core/alert/words.js'

/** Eighths of a cell, upwards and to the right. */
const UP = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const RIGHT = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
const WIDTH = 40
const MOST_LABELS = 6
/** Checks that are about one share, not about the shape. */
const SHARES = ['missing', 'null', 'type', 'nan', 'integer', 'negative', 'zero', 'unseen']
/** From here on a linear axis shows one side as a single spike. */
const WIDE = 30

/** Baseline and window one below the other; two rows of text, readable without colours. */
export interface Picture {
  readonly baseline: string
  readonly window: string
}

/** A small chart of what an alert event says; null where it holds nothing to draw. */
export function picture({ check, counters, quantiles, moved }: AlertEvent): Picture | null {
  const share = counters[check]
  if (SHARES.includes(check) && share !== undefined)
    return { baseline: bar(share.baseline ?? 0), window: bar(share.window) }
  if (quantiles !== null) return shapes(quantiles)
  return moved.length === 0 ? null : labels(moved)
}

/** A horizontal bar of a share of one. */
function bar(share: number): string {
  const eighths = share > 0 ? Math.max(1, Math.round(share * WIDTH * 8)) : 0
  const text = '█'.repeat(eighths >> 3) + RIGHT[eighths & 7]
  return `${text.padEnd(WIDTH, '·')} ${percent(share)}`
}

/** Densities over one axis, from quantiles: the mass between two of them is spread evenly. */
function shapes({ p, baseline, window }: Quantiles): Picture | null {
  const all = [...baseline, ...window]
  const [low, high] = [Math.min(...all), Math.max(...all)]
  if (!(high > low)) return null
  const logarithmic = low > 0 && high / low > WIDE
  const scale = (x: number): number =>
    logarithmic ? Math.log(x / low) / Math.log(high / low) : (x - low) / (high - low)
  const [before, now] = [baseline, window].map(quantiles => densities(p, quantiles.map(scale)))
  const most = Math.max(...before, ...now)
  const draw = (cells: readonly number[]): string =>
    cells.map(mass => UP[mass > 0 ? Math.max(1, Math.round((8 * mass) / most)) : 0]).join('')
  const axis = `${short(low)} … ${short(high)}${logarithmic ? ', log scale' : ''}`
  return {
    baseline: `${draw(before)} median ${short(middle(p, baseline))}`,
    window: `${draw(now)} median ${short(middle(p, window))}   (${axis})`,
  }
}

/** @param at quantiles on the axis, 0 to 1 */
function densities(p: readonly number[], at: readonly number[]): number[] {
  const cells = new Array<number>(WIDTH).fill(0)
  for (let i = 0; i + 1 < p.length; i++) {
    const mass = p[i + 1] - p[i]
    const from = Math.min(WIDTH - 1, at[i] * WIDTH)
    const to = Math.min(WIDTH, at[i + 1] * WIDTH)
    if (to - from < 1e-9) cells[Math.floor(from)] += mass
    else
      for (let cell = Math.floor(from); cell < to; cell++)
        cells[cell] += (mass * (Math.min(to, cell + 1) - Math.max(from, cell))) / (to - from)
  }
  return cells
}

function middle(p: readonly number[], quantiles: readonly number[]): number {
  return quantiles[p.indexOf(0.5)] ?? Number.NaN
}

/** Values with a bar each, in the same order on both sides. */
function labels(moved: AlertEvent['moved']): Picture {
  const shown = moved.slice(0, MOST_LABELS)
  const most = Math.max(...shown.map(({ baselineShare, windowShare }) => Math.max(baselineShare, windowShare)))
  const row = (side: 'baselineShare' | 'windowShare'): string =>
    shown
      .map(
        one =>
          `${one.value} ${UP[one[side] > 0 ? Math.max(1, Math.round((8 * one[side]) / most)) : 0]} ${percent(one[side]).padStart(5)}`,
      )
      .join('   ')
  return { baseline: row('baselineShare'), window: row('windowShare') }
}

function short(x: number): string {
  const size = Math.abs(x)
  if (size >= 1e5) return `${Number((x / 1000).toPrecision(3))}k`
  return String(Number(x.toPrecision(3)))
}
