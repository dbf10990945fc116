import type { TrainedHistory } from '../core/baseline/baseline.js'
import type { Profile } from '../core/detect/profile.js'
import { type ProfileRecord, profileOf, profileRecord } from './history.js'
import { packSingles } from './packed.js'
import { type SeasonRecord, seasonRecord, seasonsOf, slotsOf } from './season.js'

/** As schemas/baseline-feature.avsc has it. */
export interface TrainedRecord {
  readonly windows: readonly (ProfileRecord & { readonly start: number; readonly end: number })[]
  readonly seasons:
    | (Omit<SeasonRecord, 'level'> & {
        readonly slots: readonly { readonly slot: number; readonly levels: Uint8Array }[]
      })
    | null
}

export function trainedRecord({ past, seasons }: TrainedHistory): TrainedRecord {
  return {
    windows: past.map(({ start, end, profile }) => ({ start, end, ...profileRecord(profile) })),
    seasons: seasons === undefined ? null : { ...seasonRecord(seasons), slots: slotsOf(seasons).map(packed) },
  }
}

export function trainedHistory({ windows, seasons }: TrainedRecord): TrainedHistory {
  let profile: Profile | null = null
  const past = windows.map(window => {
    profile = profileOf(window, profile)
    return { start: window.start, end: window.end, profile }
  })
  if (seasons === null) return { past }
  const slots = new Map(seasons.slots.map(({ slot, levels }) => [slot, levels]))
  return { past, seasons: seasonsOf({ ...seasons, level: new Uint8Array(0) }, slots) }
}

const packed = ({ slot, levels }: { slot: number; levels: Float32Array }) => ({ slot, levels: packSingles(levels) })
