import { segmentKey } from '../baseline/baseline.js'
import { sourceSeries } from '../source.js'
import {
  type CauseFamily,
  explainsElsewhere,
  explainsOnFeature,
  familyOf,
  isUpstream,
  strength,
} from './cause-family.js'
import { apart, isEffect, mayCause } from './effect.js'
import type { Member } from './incident-state.js'

/** What the monitor and the derived series say of features. */
export interface Kinship {
  /** Series → the declared upstream source it comes from. */
  readonly sources: ReadonlyMap<string, string>
  /** Derived series (a projection, the prediction) → the features it is made of; empty: all. */
  readonly madeOf: ReadonlyMap<string, readonly string[]>
}

/** The alerts of one feature that one event has brought about; the strongest cause speaks for them. */
export interface Bundle {
  readonly feature: string
  readonly members: readonly Member[]
  readonly family: CauseFamily
  /** Starts of the windows in which they opened. */
  readonly openings: readonly number[]
  /** Segment keys; '' is all rows. */
  readonly places: ReadonlySet<string>
  readonly mix: string | null
  readonly source: string | null
  /** It is the source itself that broke: it explains its features. */
  readonly isSource: boolean
  /** Derived from other features: it follows them, and never ties two of them together. */
  readonly madeOf: readonly string[] | null
  /** What labels say of an output: it follows what moved, and never ties two features together. */
  readonly isEffect: boolean
}

/** One bundle a feature, and one an output of which labels say something, in text order. */
export function bundles(members: readonly Member[], kinship: Kinship): Bundle[] {
  const features = new Map<string, Member[]>()
  for (const member of members) {
    const key = `${member.feature}|${isEffect(member)}`
    features.set(key, [...(features.get(key) ?? []), member])
  }
  return [...features]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, its]) => {
      const leading = [...its].sort(byStrength)[0]
      const { feature } = leading
      const effect = isEffect(leading)
      const source = effect ? null : (kinship.sources.get(feature) ?? null)
      return {
        feature,
        members: its,
        family: memberFamily(leading),
        openings: its.map(({ openedAt }) => openedAt),
        places: new Set(its.map(({ segment }) => segmentKey(segment))),
        mix: leading.mix,
        source,
        isSource: source !== null && feature === sourceSeries(source),
        madeOf: effect ? null : derivation(feature, kinship),
        isEffect: effect,
      }
    })
}

/** What a mix moved is no fault of the feature's own. */
export function memberFamily({ mix, cause }: Pick<Member, 'mix' | 'cause'>): CauseFamily {
  return mix === null ? familyOf(cause.code) : 'mix'
}

/**
 * The member that explains the others of its feature first: by cause, then what was compared row by row, then all rows before segments, then by
 * score.
 */
export function byStrength(a: Member, b: Member): number {
  const where = (one: Member): number => Object.keys(one.segment).length
  return (
    strength(memberFamily(a)) - strength(memberFamily(b)) ||
    Number(b.kind === 'parity') - Number(a.kind === 'parity') ||
    where(a) - where(b) ||
    Math.abs(b.z ?? 0) - Math.abs(a.z ?? 0) ||
    (a.alertId < b.alertId ? -1 : 1)
  )
}

function derivation(feature: string, { madeOf }: Kinship): readonly string[] | null {
  return madeOf.get(feature) ?? (feature.startsWith('~') ? [] : null)
}

/**
 * Whether what opens now belongs to what is there, `known` (which may have opened in the same window).
 *
 *     near             their windows of opening overlap or are adjacent
 *     one feature      near, or the known cause explains the other: as long as that is open
 *     a relation       with a feature that it is made of, and that one's mere move with it: as long as what was first is open
 *     one source       one of the two is absent or stale: as long as that is open
 *     other features   near, and of one cause family or one explained by the other
 *     an effect        with what may have caused it (`mayCause`), and with other effects near it
 *
 * Where nothing but "it moved" is known of two features, alerts in different segments of one dimension are different events.
 */
export function belongs(known: Bundle, fresh: Bundle, sizeMs: number): boolean {
  if (known.isEffect && fresh.isEffect) return near(known, fresh, sizeMs)
  if (known.isEffect) return mayCause(fresh.openings, known.openings, sizeMs)
  if (fresh.isEffect) return mayCause(known.openings, fresh.openings, sizeMs)
  if (known.feature === fresh.feature)
    return explainsOnFeature(known.family, fresh.family) || near(known, fresh, sizeMs)
  if (fresh.madeOf?.includes(known.feature)) return true
  if (known.madeOf?.includes(fresh.feature) && fresh.family === 'distribution') return true
  if (fresh.madeOf !== null || known.madeOf !== null) return follows(known, fresh) && near(known, fresh, sizeMs)
  // In a storm of alerts most pairs end here.
  const upstream = known.source !== null && known.source === fresh.source
  if (upstream && isUpstream(known.family)) return true
  if (!related(known, fresh) && !(upstream && isUpstream(fresh.family))) return false
  return near(known, fresh, sizeMs)
}

/** Whether two of their windows of opening overlap or are adjacent. */
export function near(known: Bundle, fresh: Bundle, sizeMs: number): boolean {
  for (const a of known.openings) for (const b of fresh.openings) if (Math.abs(a - b) <= sizeMs) return true
  return false
}

function related(known: Bundle, fresh: Bundle): boolean {
  if (known.family !== fresh.family)
    return explainsElsewhere(known.family, fresh.family) || explainsElsewhere(fresh.family, known.family)
  if (known.mix !== fresh.mix) return false
  return known.family !== 'distribution' || overlap(known.places, fresh.places)
}

/** Whether one of the two is made of the other. */
function follows(known: Bundle, fresh: Bundle): boolean {
  const made = (one: Bundle, of: Bundle): boolean =>
    one.madeOf !== null && (one.madeOf.length === 0 || one.madeOf.includes(of.feature) || of.madeOf !== null)
  return made(known, fresh) || made(fresh, known)
}

/** All rows overlap with every segment, and segments of different dimensions with each other. */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  if (a.has('') || b.has('')) return true
  const dimensions = (key: string): string =>
    key
      .split('&')
      .map(one => one.split('=')[0])
      .join('&')
  return [...a].some(x => [...b].some(y => x === y || dimensions(x) !== dimensions(y)))
}

/** Alerts that belong together, and the open incident they join; null: a new one. */
export interface Group {
  readonly joins: number | null
  readonly bundles: readonly Bundle[]
}

/**
 * Sorts what opened in one window into groups. Derived series go with the features they are made of, effects with what may have caused them;
 * those left over are groups of their own.
 * @param open bundles of the incidents that are open, oldest first; `joins` is an index of it
 */
export function assign(fresh: readonly Bundle[], open: readonly (readonly Bundle[])[], sizeMs: number): Group[] {
  const tied = (a: Bundle, b: Bundle): boolean => belongs(a, b, sizeMs) || belongs(b, a, sizeMs)
  const own = components(fresh.filter(isOwn), tied)
  const left: Bundle[] = []
  const followers = own.map((): Bundle[] => [])
  for (const derived of fresh.filter(one => !isOwn(one))) {
    const host = own.findIndex(group => group.some(one => belongs(one, derived, sizeMs)))
    if (host < 0) left.push(derived)
    else followers[host].push(derived)
  }
  const there = open.map(its => [...its])
  return [...own.map((group, i) => [...group, ...followers[i]]), ...components(left, tied)].map(group => {
    const joins = joined(group, there, sizeMs)
    if (joins !== null) there[joins].push(...group)
    return { joins, bundles: group }
  })
}

/**
 * The oldest incident that one of them belongs to: by its features, or by its derived series and effects where it has nothing else. Of several
 * that may have caused an effect the one nearest to it, then the one that weighs most.
 */
function joined(group: readonly Bundle[], open: readonly (readonly Bundle[])[], sizeMs: number): number | null {
  const hosts = [...open.keys()].filter(i => {
    const its = open[i]
    const speaking = its.some(isOwn) ? its.filter(isOwn) : its
    return group.some(one => (isOwn(one) ? speaking : its).some(known => belongs(known, one, sizeMs)))
  })
  if (hosts.length < 2 || !group.every(one => one.isEffect)) return hosts[0] ?? null
  const effect = group.flatMap(({ openings }) => openings)
  const distance = (i: number): number =>
    apart(
      open[i].flatMap(({ openings }) => openings),
      effect,
      sizeMs,
    )
  const weight = (i: number): number => Math.max(...open[i].flatMap(({ members }) => members.map(weightOf)))
  return hosts.sort((a, b) => distance(a) - distance(b) || weight(b) - weight(a) || a - b)[0]
}

function weightOf({ effect, importance }: Member): number {
  return effect * (importance ?? 0.1)
}

/** It stands for itself: neither made of other features nor what labels say. */
export function isOwn(one: Bundle): boolean {
  return one.madeOf === null && !one.isEffect
}

/** Connected by `areOne`. */
export function components<T>(all: readonly T[], areOne: (a: T, b: T) => boolean): T[][] {
  const rest = new Set(all)
  const found: T[][] = []
  for (const first of all) {
    if (!rest.delete(first)) continue
    const group = [first]
    for (const one of group)
      for (const other of rest)
        if (areOne(one, other)) {
          rest.delete(other)
          group.push(other)
        }
    found.push(group)
  }
  return found
}
