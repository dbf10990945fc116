import { type Random, seeded } from '../../random.js'
import type { Detector, Opening, Said } from './detector.js'
import type { Fault } from './fault.js'
import { injection } from './faults.js'
import { type Profile, profileOf } from './profile.js'
import type { Stream } from './streams.js'
import { type Column, seedOf } from './values.js'

/** A fault on one feature from one window on. */
export interface Trial {
  readonly fault: Fault
  /** Index of the feature. */
  readonly feature: number
  readonly start: number
  /** Share of its first window's rows that came before it. */
  readonly clean: number
}

/** What one scheme said of a stream without faults, and of each trial. */
export interface Result {
  readonly name: string
  /** By window served. */
  readonly said: readonly Said[]
  readonly trials: readonly { readonly trial: Trial; readonly openings: readonly Opening[] }[]
}

/** Windows before a fault that say how its feature is distributed. */
const PROFILE_WINDOWS = 10
/** A day of hourly windows, where the hours differ. */
const PROFILE_DAY = 24
/** Moments a stream has at which faults begin. */
const MOMENTS = 4

/** Drives all schemes over one stream at once: each window is made once, without faults, and the faults are tried afterwards. */
export function run(stream: Stream, detectors: readonly Detector[], trials: readonly Trial[]): Result[] {
  const kept = new Set(
    trials.flatMap(({ start, fault }) => Array.from({ length: fault.within }, (_, age) => start + age)),
  )
  const starts = new Set(trials.map(({ start }) => start))
  const said = detectors.map((): Said[] => [])
  for (let window = 0; window < stream.history + stream.serving; window++) {
    const columns = stream.window(window)
    for (const [d, detector] of detectors.entries()) {
      if (starts.has(window)) detector.mark(window)
      const one = detector.see(window, columns, kept.has(window))
      if (window >= stream.history) said[d]!.push(one)
    }
  }
  const profiles = new Profiles(stream)
  const tried = detectors.map((): { trial: Trial; openings: readonly Opening[] }[] => [])
  for (const trial of [...trials].sort((a, b) => a.start - b.start)) {
    const columns = faulted(stream, trial, profiles.of(trial.start, trial.feature))
    for (const [d, detector] of detectors.entries())
      tried[d]!.push({ trial, openings: detector.again(trial.start, trial.feature, columns) })
  }
  return detectors.map(({ name }, d) => ({ name, said: said[d]!, trials: tried[d]! }))
}

/** The feature's values in the windows that the fault is watched in. */
function faulted(stream: Stream, { fault, feature, start, clean }: Trial, profile: Profile): Column[] {
  const inject = injection(fault, profile, seedOf(stream.name, fault.kind, profile.feature.name, start))
  const last = stream.history + stream.serving - 1
  return Array.from({ length: fault.within }, (_, age) => {
    const window = start + age
    const values = stream.window(window)[feature]!
    const changed = inject(values, age, offset => stream.window(Math.min(last, window + offset))[feature]!)
    const before = age === 0 ? Math.floor(clean * values.length) : 0
    return [...values.slice(0, before), ...changed.slice(before)]
  })
}

/**
 * Seeded trials: each fault so many times, at one of a few moments, on a feature in which it can show. Faults that show in no feature are
 * left out, as are those whose time to be found would reach beyond the stream's end.
 * @param within whether they begin within a window, as a deployment does; else with one
 */
export function plan(
  stream: Stream,
  faults: readonly Fault[],
  times: number,
  baseline: readonly Column[],
  within = false,
): Trial[] {
  const random = seeded(seedOf('trials', stream.name))
  const moment = seeded(seedOf('within', stream.name))
  const profiles = new Profiles(stream)
  // A feature without a value in training is not watched.
  const watched = stream.features.flatMap((_, f) => (baseline[f]!.some(value => value != null) ? [f] : []))
  const moments = new Map<number, number[]>()
  return faults.flatMap(fault => {
    const room = stream.serving - fault.within
    if (room < 0) return []
    let starts = moments.get(fault.within)
    if (starts === undefined) moments.set(fault.within, (starts = momentsOf(stream.history, room, random)))
    return Array.from({ length: times }, (_, time) => {
      const start = starts[time % starts.length]!
      const feature = applicable(fault, watched, start, profiles, random)
      const clean = within ? moment.next() : 0
      return feature === null ? [] : [{ fault, feature, start, clean }]
    }).flat()
  })
}

function momentsOf(history: number, room: number, random: Random): number[] {
  return Array.from({ length: Math.min(MOMENTS, room + 1) }, () => history + random.integer(0, room))
}

function applicable(fault: Fault, watched: readonly number[], start: number, profiles: Profiles, random: Random) {
  const rest = [...watched]
  while (rest.length > 0) {
    const [feature] = rest.splice(random.integer(0, rest.length - 1), 1)
    if (fault.applies(profiles.of(start, feature!))) return feature!
  }
  return null
}

/** Profiles of the features before a moment; many faults ask for the same. */
class Profiles {
  readonly #known = new Map<string, Profile>()
  readonly #windows = new Map<number, readonly (readonly Column[])[]>()

  constructor(private readonly stream: Stream) {}

  of(start: number, feature: number): Profile {
    const key = `${start}/${feature}`
    let profile = this.#known.get(key)
    if (profile === undefined) {
      const values = this.#before(start).flatMap(columns => columns[feature]!)
      profile = profileOf(this.stream.features[feature]!, this.stream.family, values)
      this.#known.set(key, profile)
    }
    return profile
  }

  #before(start: number): readonly (readonly Column[])[] {
    let windows = this.#windows.get(start)
    if (windows === undefined) {
      const count = this.stream.family === 'seasonal' ? PROFILE_DAY : PROFILE_WINDOWS
      windows = Array.from({ length: count }, (_, i) => this.stream.window(start - count + i))
      this.#windows.set(start, windows)
    }
    return windows
  }
}
