import type { MeasureFacts, PerformanceEvent } from '../core/performance/event.js'

/** A measure of a window, estimated at its end and measured once its labels were in. */
export interface Estimated {
  readonly name: string
  readonly modelVersion: string
  readonly start: number
  readonly end: number
  readonly estimate: number
  readonly measured: MeasureFacts
  /** Of the predictions. */
  readonly coverage: number
}

/** Windows with fewer predictions, of a version that is tried or goes, say little. */
const FEWEST = 500

/** From performance events in the order they came, in the order of the windows. */
export function estimated(performances: readonly PerformanceEvent[], name: string): Estimated[] {
  const windows = new Map<string, PerformanceEvent[]>()
  for (const event of performances) {
    if (event.predictions < FEWEST) continue
    const key = `${event.window.end} ${event.series.modelVersion}`
    windows.set(key, [...(windows.get(key) ?? []), event])
  }
  const measure = (event: PerformanceEvent | undefined, estimate: boolean): MeasureFacts | undefined =>
    event?.measures.find(one => one.name === name && one.estimate === estimate)
  return [...windows.values()]
    .flatMap((events): Estimated[] => {
      const estimate = measure(
        events.find(event => measure(event, true)),
        true,
      )
      const last = events.findLast(({ window }) => !window.provisional)
      const measured = measure(last, false)
      if (estimate === undefined || last === undefined || measured === undefined) return []
      const { start, end } = last.window
      const { coverage, series } = last
      return [{ name, modelVersion: series.modelVersion, start, end, estimate: estimate.value, measured, coverage }]
    })
    .sort((a, b) => a.end - b.end)
}
