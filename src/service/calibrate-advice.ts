import { formatDuration } from '../config/duration.js'
import { type Calibration, type SeriesCalibration, TARGET, type Useless } from './calibrate.js'

/** Bounds that all limits lie in are told where they bind. */
const NEAR = 1e-9
const NAMED = 5

const USELESS: Readonly<Record<Useless, string>> = {
  'all-null': 'has no value in any window',
  constant: 'has had one value in training and in every window: only another value would be news',
  'id-like': 'has a value of its own in most rows, as an identifier has',
  'too-few-rows': 'never has rows enough in a window',
}

/** What to change in the monitor, one sentence each; most telling first. Empty where nothing is to be said. */
export function adviceOf(
  found: Calibration,
  bounds: { readonly calmest: number; readonly restless: number },
): string[] {
  const { judged, windows, windowMs, budget, predicted, measured } = found
  const whole = found.series.filter(({ segment }) => segment === '')
  if (judged === 0)
    return [
      `${windows} windows with rows, none judged by its own history, which takes 20: give a longer history, or shorter windows than ${formatDuration(windowMs)}.`,
    ]
  const restless = whole.filter(({ limits }) => limits.once >= bounds.restless - NEAR)
  const calm = whole.filter(({ limits }) => limits.once <= bounds.calmest + NEAR)
  const over = Math.max(predicted ?? 0, measured ?? 0) > budget
  return [
    ...(over && restless.length > 0
      ? [
          `The budget of ${rate(budget)} a week is not kept by ${named(restless)}, whose limits are as high as they go: ` +
            `longer windows, or serving.ignore, or a budget that says so (falseIncidents.perWeek: ${rate(Math.max(predicted ?? 0, measured ?? 0))}).`,
        ]
      : []),
    ...(!over && whole.length > 0 && calm.length === whole.length
      ? ['All limits are as low as they go: a larger budget finds no more, longer windows do.']
      : []),
    ...[...new Set(whole.flatMap(({ useless }) => useless ?? []))].map(
      why => `${named(whole.filter(({ useless }) => useless === why))}: ${USELESS[why]}. Leave it out: serving.ignore.`,
    ),
    ...windowAdvice(found, whole),
    ...seasonAdvice(found),
  ]
}

/** What seasons do for the series, or would do, and how much history they take. */
function seasonAdvice({ seasons }: Calibration): string[] {
  if (seasons === null) return []
  const { wanted, kinds, features, shift, missingWeeks } = seasons
  const all = kinds.none + features.length
  const advice: string[] = []
  if (features.length > 0) {
    const which = (['weekday-hour', 'hour-of-week'] as const)
      .filter(kind => kinds[kind] > 0)
      .map(kind => `${kinds[kind]} by ${kind}`)
      .join(', ')
    const gain =
      shift === null ? '' : `; the smallest shift they show goes from ${sigma(shift.without)} to ${sigma(shift.with)} σ`
    advice.push(
      wanted === 'none'
        ? `Seasons would foretell ${features.length} of ${all} series better (${which})${gain}: seasons: auto.`
        : `Seasons foretell ${features.length} of ${all} series better (${which})${gain}.`,
    )
  } else if (missingWeeks === 0) advice.push(`Seasons foretell none of ${all} series better.`)
  if (missingWeeks > 0)
    advice.push(`Hours of the week take two weeks of history to be measured: ${rate(missingWeeks)} weeks are missing.`)
  return advice
}

/** The window in which most of the numeric features show a shift of `TARGET` σ, and those that never do. */
function windowAdvice({ windowMs }: Calibration, whole: readonly SeriesCalibration[]): string[] {
  const numeric = whole.filter(({ sees }) => sees.shift !== null)
  if (numeric.length === 0) return []
  const hidden = numeric.filter(({ windowFor }) => windowFor === null)
  const seen = numeric.flatMap(({ windowFor }) => windowFor ?? []).sort((a, b) => a - b)
  const now = seen.filter(ms => ms <= windowMs).length
  const half = seen[Math.ceil(seen.length / 2) - 1]
  const advice = [
    `${now} of ${numeric.length} numeric series show a shift of ${TARGET} σ in windows of ${formatDuration(windowMs)}.`,
  ]
  if (half !== undefined && half > windowMs)
    advice.push(`Half of those that can show it need windows of ${formatDuration(half)}.`)
  if (hidden.length > 0) advice.push(`In ${named(hidden)} the world's own swings hide it in windows of any length.`)
  return advice
}

function named(series: readonly SeriesCalibration[]): string {
  const names = series.map(({ feature }) => feature)
  return names.length <= NAMED
    ? names.join(', ')
    : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`
}

const sigma = (x: number): string => x.toFixed(2)

function rate(x: number): string {
  return String(Number(x.toPrecision(2)))
}
