import { housing } from '../housing.js'

export const HOUR = 3_600_000
/** A sixth of the rows, one an hour. */
export const SIXTH = 1372
/** A boundary of windows: the file's own times would lie across them. */
export const BASE = Math.ceil(Date.UTC(2021, 5, 1) / (SIXTH * HOUR)) * SIXTH * HOUR
export const THRESHOLD = 0.8
export const FEATURES = [
  ...['MedInc', 'HouseAge', 'AveRooms', 'AveBedrms', 'Population', 'AveOccup', 'Latitude', 'Longitude'],
]

export const MONITOR = `
apiVersion: driftline/v1
model: housing
task: { type: binary, positive: 1, threshold: ${THRESHOLD} }
serving:
  topic: housing
  format: json
  key: id
  time: { path: servedAt, unit: ms }
  version: version
  features: [${FEATURES}]
  prediction: y_pred_proba
  idleAfter: 10m
labels: { topic: housing-labels, format: json, key: id, time: { path: labelledAt, unit: ms }, value: clf_target, horizon: 7d }
offline: { topic: housing-offline, format: json, key: id, time: { path: servedAt, unit: ms }, features: [${FEATURES}] }
shadow: { champion: v12, challenger: v13, within: 1h, latency: latency, limits: { flips: .01, score: .02, latency: 50ms } }
window: { size: ${SIXTH}h, grace: 12h, reviseFor: ${SIXTH}h }
`

type Cells = Readonly<Record<string, string>>

/** A request: what the champion said of it, and what came of it. */
export interface House {
  readonly id: string
  readonly cells: Cells
  readonly servedAt: number
  /** The champion's score. */
  readonly value: number
  readonly label: number
  /** Every tenth never comes. */
  readonly labelled: boolean
  /** Features recomputed offline; null: never. */
  readonly offline: Cells | null
  /** The challenger's score, half an hour later; null: it has not been asked. */
  readonly challenger: number | null
}

export function houses(): House[] {
  const labels = new Map(housing('analysis_labels').map(row => [row['id'], row]))
  return housing('analysis').map((cells, i) => {
    const value = Number(cells['y_pred_proba'])
    return {
      id: cells['id']!,
      cells,
      servedAt: BASE + i * HOUR,
      value,
      label: Number(labels.get(cells['id'])!['clf_target']),
      labelled: i % 10 !== 7,
      offline: i % 25 === 13 ? null : recomputed(cells, i),
      challenger: i % 50 === 21 ? null : i % 12 === 4 ? 1 - value : value,
    }
  })
}

/** In other units, cut off, or left out, each in a known share of the rows. */
function recomputed(cells: Cells, i: number): Cells {
  return {
    ...cells,
    ...(i % 20 < 3 ? { MedInc: String(Number(cells['MedInc']) * 1.609344) } : {}),
    ...(i % 5 === 3 ? { AveRooms: String(Math.trunc(Number(cells['AveRooms']))) } : {}),
    ...(i % 20 === 9 ? { Population: '' } : {}),
  }
}

/** A file that `produce` reads. */
export function csvOf(head: readonly string[], lines: readonly (readonly unknown[])[]): string {
  return [head, ...lines].map(cells => `${cells.join()}\n`).join('')
}

export const SERVED = ['id', 'servedAt', 'version', ...FEATURES, 'y_pred_proba', 'latency']

export function served({ id, servedAt, cells, value, challenger }: House): unknown[][] {
  const features = FEATURES.map(name => cells[name])
  return [
    [id, servedAt, 'v12', ...features, value, 20],
    ...(challenger === null ? [] : [[id, servedAt + HOUR / 2, 'v13', ...features, challenger, 32]]),
  ]
}

export const OFFLINE = ['id', 'servedAt', ...FEATURES]

export function offlineOf({ id, servedAt, offline }: House): unknown[][] {
  return offline === null ? [] : [[id, servedAt, ...FEATURES.map(name => offline[name])]]
}

export const LABELS = ['id', 'labelledAt', 'clf_target']

/** A day later, and up to nine hours more: not in the order of the requests. */
export function labelOf({ id, servedAt, label }: House): unknown[] {
  return [id, servedAt + (24 + (((servedAt / HOUR) * 7) % 10)) * HOUR, label]
}

/** Pairs of a feature by what the two sides have. */
export function parityOf(rows: readonly House[], feature: string) {
  const pairs = rows.flatMap(({ cells, offline }) => (offline === null ? [] : [[cells[feature]!, offline[feature]!]]))
  const nullOffline = pairs.filter(([, b]) => b === '').length
  const differ = ([a, b]: readonly string[]): boolean =>
    b !== '' && Math.abs(Number(a) - Number(b)) > 1e-6 * Math.abs(Number(b))
  const mismatched = pairs.filter(differ).length
  return { pairs: pairs.length, matched: pairs.length - mismatched - nullOffline, mismatched, nullOffline }
}

/** The champion against the challenger, of the requests that both have scored. */
export function shadowOf(rows: readonly House[]) {
  const pairs = rows.flatMap(({ value, challenger }) => (challenger === null ? [] : [[value, challenger] as const]))
  const flipped = pairs.filter(([a, b]) => a >= THRESHOLD !== b >= THRESHOLD).length
  const moved = pairs.reduce((sum, [a, b]) => sum + Math.abs(b - a), 0)
  return { pairs: pairs.length, flips: flipped / pairs.length, score: moved / pairs.length }
}
