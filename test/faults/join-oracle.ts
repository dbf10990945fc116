import type { Feed, Sent } from './feed.js'
import { accepted } from './oracle.js'

/** What is known at the end of the predictions of a model version in a pane. */
export interface Pairs {
  n: number
  labelled: number
  positive: number
}

/**
 * The pairs by key, recomputed from the logs of both sides: a prediction has the last of the labels within the horizon. Like the other oracle it
 * shares no code with the line.
 * @param horizon ms
 * @returns by `model/version/pane`
 */
export function expectedPairs(feed: Feed, horizon: number): ReadonlyMap<string, Pairs> {
  const found = new Map<string, Pairs>()
  for (const model of feed.models) {
    const labels = feed.labels.flat().flatMap(one => labelOf(one, model))
    for (const { pane, event } of accepted(feed, model)) {
      const name = `${model}/${event.modelVersion}/${pane}`
      const pairs = found.get(name) ?? { n: 0, labelled: 0, positive: 0 }
      found.set(name, pairs)
      pairs.n++
      const time = Number(event.eventTime)
      const own = labels.filter(({ ride, at }) => ride === event.requestId && at >= time && at <= time + horizon)
      const last = own.reduce<Label | null>((newest, one) => (newest && newest.at > one.at ? newest : one), null)
      if (last === null) continue
      pairs.labelled++
      if (last.tipped) pairs.positive++
    }
  }
  return found
}

interface Label {
  readonly ride: unknown
  readonly model: string
  readonly at: number
  readonly tipped: boolean
}

function labelOf({ value }: Sent, model: string): Label[] {
  const label = JSON.parse(String(value)) as Label
  return label.model === model && label.ride !== null ? [label] : []
}
