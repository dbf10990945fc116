import type { Random } from '../../random.js'
import type { Feature, Value } from './values.js'

/** What the world is like in one hour, for one feature: its daily and weekly shape, the trend, and the noise that all its rows share. */
export interface Moment {
  /** Sum of shape, trend and shared noise, in σ of the feature. */
  readonly level: number
  /** 0 … 23 in the stream's zone. */
  readonly hour: number
}

/** How a feature's values are drawn. */
export interface Recipe extends Feature {
  /** Height of the daily shape, in σ. */
  readonly swing: number
  /** σ that the level moves over the whole stream. */
  readonly trend: number
  /** Standard deviation of the noise that the rows of a window share, in σ. */
  readonly shared: number
  readonly nulls: number
  draw(random: Random, moment: Moment): Value
}

/** Ten features of the kinds that are served: amounts, waits, counts with many zeros, whole numbers, hours, shares, labels, flags. */
export function dailyRecipes(random: Random): Recipe[] {
  const around = (x: number): number => x * (0.7 + 0.6 * random.next())
  const wait = around(9)
  const cold = around(46)
  const base = Math.round(around(38))
  const busy = 0.25 + 0.2 * random.next()
  const ahead = around(5)
  const member = random.normal() * 0.7
  const channels = ['app', 'web', 'phone', 'partner', 'kiosk', 'mail', 'fax']
  const zips = Array.from({ length: 25 }, (_, i) => String(1067 + 397 * i * (i + 3)).padStart(5, '0'))
  const numeric = { kind: 'numeric', trend: 0, shared: 0.06, nulls: 0 } as const
  const categorical = { kind: 'categorical', trend: 0, shared: 0.06, nulls: 0 } as const
  return [
    {
      ...numeric,
      name: 'amount',
      swing: 0.3,
      nulls: 0.01,
      draw: (r, { level }) => round(Math.exp(3 + 0.8 * (r.normal() + level)), 2),
    },
    {
      ...numeric,
      name: 'wait',
      swing: 0.2,
      nulls: 0.03,
      draw: (r, { level }) => -Math.log(1 - r.next()) * wait * Math.exp(level),
    },
    {
      ...numeric,
      name: 'temperature',
      swing: 0.6,
      trend: 0.4,
      shared: 0.15,
      draw: (r, { level }) => round(cold + 11 * (r.normal() + level), 1),
    },
    {
      ...numeric,
      name: 'visits',
      swing: 0.3,
      draw: (r, { level }) => (r.next() > busy + 0.1 * level ? 0 : Math.ceil(-Math.log(1 - r.next()) * 3)),
    },
    {
      ...numeric,
      name: 'age',
      swing: 0,
      draw: (r, { level }) => Math.max(18, Math.round(base + 9 * (r.normal() + level))),
    },
    {
      ...numeric,
      name: 'booked_hour',
      swing: 0,
      draw: (r, { hour }) => (hour + 240 - Math.floor(-Math.log(1 - r.next()) * ahead)) % 24,
    },
    { ...numeric, name: 'score', swing: 0.25, draw: (r, { level }) => 1 / (1 + Math.exp(1.5 - r.normal() - level)) },
    {
      ...categorical,
      name: 'channel',
      swing: 0.5,
      nulls: 0.005,
      draw: (r, { level }) => channels[tilted(r, channels.length, 1.1, level)],
    },
    { ...categorical, name: 'zip', swing: 0, draw: (r, { level }) => zips[tilted(r, zips.length, 0.25, level)] },
    {
      ...categorical,
      name: 'member',
      swing: 0.4,
      nulls: 0.02,
      draw: (r, { level }) => String(r.next() < 1 / (1 + Math.exp(member - level))),
    },
  ]
}

const round = (x: number, decimals: number): number => Math.round(x * 10 ** decimals) / 10 ** decimals

/** An index in [0, n) that falls off by e^−slope a step, the later ones likelier as the level rises. */
function tilted(random: Random, n: number, slope: number, level: number): number {
  return Math.min(n - 1, Math.floor((-Math.log(1 - random.next()) / slope) * Math.exp(0.15 * level)))
}
