import type { Random } from './random.js'
import type { RideFeatures } from './ride.js'

/** One fault: what it does to a ride, and from when until when. */
export interface Fault {
  readonly feature: keyof RideFeatures
  /** In words, as the closing table has it. */
  readonly what: string
  /** Epoch ms, half-open; Infinity where it lasts. */
  readonly from: number
  readonly until: number
  /** Other series that move with it: the model answers to what it is served with. */
  readonly moves: readonly string[]
  apply(features: RideFeatures, ride: { readonly time: number; readonly version: string }, random: Random): void
}

/** Everything that happens at a known moment in a run. */
export interface Schedule {
  readonly start: number
  readonly end: number
  readonly deploy: Deploy
  readonly faults: readonly Fault[]
}

/** One model version takes over from another: a part of the traffic from `canary` on, all of it from `rollout` on. */
export interface Deploy {
  readonly before: string
  readonly after: string
  readonly canary: number
  readonly rollout: number
}

/** Of the traffic, while the new version is tried. */
export const CANARY_SHARE = 0.4
const STEP_MS = 600_000
/** How far the slow shift takes trip_minutes by the end of the run: some 1.5 robust standard deviations. */
const SLOW_SHIFT_MINUTES = 14

/**
 * The run of a simulation, to scale with its length:
 *
 *     share of the run   0    .1        .2    .3        .4    .5   .6          .8        1
 *     model version      v1                             v1+v2 v2
 *     trip_km                 ├─ metres ─┤
 *     temperature_c                           ├─ 0 ─┤
 *     pickup_delay_s                                    ├─ whole seconds (v2) ──────────▶
 *     payment_type                                               ├─ wallet ─────────────▶
 *     trip_minutes                                                ├─ slowly up ─────────▶
 *
 * @param options generation: the number of the model version that it begins with
 */
export function schedule(
  start: number,
  durationMs: number,
  { faults: withFaults, generation = 1 }: { readonly faults: boolean; readonly generation?: number },
): Schedule {
  // On a round ten minutes, but inside a window: a fault does not wait for one to begin.
  const at = (share: number): number => start + Math.round((share * durationMs) / STEP_MS) * STEP_MS
  const end = start + durationMs
  const [before, after] = [`v${generation}`, `v${generation + 1}`]
  const deploy = { before, after, canary: at(0.42), rollout: at(0.5) }
  const lasts = Number.POSITIVE_INFINITY
  const slowFrom = at(0.64)
  const faults: Fault[] = [
    {
      feature: 'trip_km',
      what: 'metres instead of kilometres',
      from: at(0.1),
      until: at(0.2),
      moves: ['score'],
      apply(features) {
        features.trip_km = Math.round(features.trip_km * 1000)
      },
    },
    {
      feature: 'temperature_c',
      what: 'nulls imputed as 0',
      from: at(0.28),
      until: at(0.37),
      moves: [],
      apply(features) {
        features.temperature_c ??= 0
      },
    },
    {
      feature: 'pickup_delay_s',
      what: `${after} truncates to whole seconds`,
      from: deploy.canary,
      until: lasts,
      moves: [],
      apply(features, { version }) {
        if (version === after) features.pickup_delay_s = Math.trunc(features.pickup_delay_s)
      },
    },
    {
      feature: 'payment_type',
      what: 'new value "wallet" in 8 %',
      from: at(0.58),
      until: lasts,
      moves: [],
      apply(features, _, random) {
        if (random.chance(0.08)) features.payment_type = 'wallet'
      },
    },
    {
      feature: 'trip_minutes',
      what: `slow shift, +${SLOW_SHIFT_MINUTES} minutes by the end`,
      from: slowFrom,
      until: lasts,
      moves: [],
      apply(features, { time }) {
        const progress = Math.min(1, (time - slowFrom) / (end - slowFrom))
        features.trip_minutes = Math.round((features.trip_minutes + progress * SLOW_SHIFT_MINUTES) * 100) / 100
      },
    },
  ]
  return { start, end, deploy, faults: withFaults ? faults : [] }
}

/** Serves a ride as the faults of the moment have it. */
export function distort(
  faults: readonly Fault[],
  features: RideFeatures,
  ride: { readonly time: number; readonly version: string },
  random: Random,
): void {
  for (const fault of faults)
    if (ride.time >= fault.from && ride.time < fault.until) fault.apply(features, ride, random)
}
