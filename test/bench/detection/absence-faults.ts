import { type Body, labelled, served, some, varies } from './fault.js'
import type { Profile } from './profile.js'

/** So many points of all rows become null. */
export const nulled = (points: number): Body => ({
  applies: p => served(p) && p.distinct >= 1,
  start:
    p =>
    ({ values, random }) =>
      some(values, points / (1 - p.nulls), random, () => null),
})

export const gone = (value: null | undefined): Body => ({
  applies: served,
  start:
    () =>
    ({ values }) =>
      values.map(() => value),
})

type Fill = (p: Profile) => number
export const zero: Fill = () => 0
export const median: Fill = p => p.sorted[p.sorted.length >> 1]!
const shareOf = (p: Profile, value: number): number => p.sorted.filter(x => x === value).length / p.sorted.length

/** Rows that come with the fill instead of what was measured; the fill must not be what most rows hold anyway. */
export const imputed = (share: number, fill: Fill): Body => ({
  applies: p => varies(p) && shareOf(p, fill(p)) < 0.5,
  start: p => {
    const value = fill(p)
    return ({ values, random }) => some(values, share, random, () => value)
  },
})

/** Every null becomes the fill. */
export const nullsImputed = (least: number, most: number, fill: Fill): Body => ({
  applies: p => varies(p) && p.nulls >= least && p.nulls < most && shareOf(p, fill(p)) < 0.5,
  start: p => {
    const value = fill(p)
    return ({ values }) => values.map(x => (x === null ? value : x))
  },
})

/** Every row repeats the last value there was. */
export const frozen: Body = {
  applies: p => (varies(p) || labelled(p)) && p.top < 0.7 && served(p),
  start:
    () =>
    ({ values, age, clean }) => {
      const last = clean(-1 - age).findLast(value => value != null)
      return values.map(value => (value == null ? value : last))
    },
}

/** Values of other windows: shows only where windows differ by the hour. */
const DAILY = new Set(['amount', 'wait', 'temperature', 'score', 'booked_hour', 'channel', 'member'])
export const fromWindow = (offset: number): Body => ({
  applies: p => p.family === 'seasonal' && DAILY.has(p.feature.name),
  start:
    () =>
    ({ clean }) =>
      clean(offset),
})
