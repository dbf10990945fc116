import { type Random, seeded } from '../random.js'

export const MINUTE = 60_000
/** A Monday. */
export const T0 = Date.UTC(2026, 0, 5)
/** An event time further beyond its partition's watermark is rejected. */
export const MAX_AHEAD = 60 * MINUTE

export interface WindowOf {
  readonly size: number
  readonly advance: number
  readonly grace: number
  readonly reviseFor: number
}

/** A record as it is sent; its bytes are all that the oracle sees. */
export interface Sent {
  readonly key: string | null
  readonly value: Buffer | null
  /** The producer's clock, epoch ms; the log's where absent. */
  readonly timestamp?: number
}

/** The input of one run: all that is random in it comes from the seed. */
export interface Feed {
  readonly window: WindowOf
  readonly models: readonly string[]
  /** Whether windows are told by way of payment too. */
  readonly segmented: boolean
  /** In the order of their offsets, by source partition. One of them may stay empty. */
  readonly partitions: readonly (readonly Sent[])[]
  /** See `FeedOptions`. */
  readonly dense: boolean
  /** Of the predictions, by partition of their own topic; none where nothing is joined. */
  readonly labels: readonly (readonly Sent[])[]
}

export interface FeedOptions {
  /** Each row is a prediction, once and within grace, and most have labels. */
  readonly joined?: boolean
  /** Hours of records: what changes meanwhile takes effect in them. */
  readonly long?: boolean
  /** One partition is never written. */
  readonly never?: boolean
  /** Revisions for longer than any silence: what idleness delays, they still bring in. */
  readonly patient?: boolean
  /** Partitions, at least; 1 unless told. */
  readonly least?: number
  /** So many rows in a window that it can be judged. */
  readonly dense?: boolean
  /** Records of each partition; 15 to 50 unless told, dense ones ten times as many. */
  readonly records?: number
  readonly models?: readonly string[]
}

/** Whose parts lie in two panes partitions, if there are two. */
const MODELS = ['rides', 'tips'] as const

/**
 * Event times go up by fits and starts; most rows are within grace, one in five is anywhere up to beyond `reviseFor`, often to the minute at an
 * edge. Some records cannot be read, some are of a model that nobody watches, some of a clock that is a year ahead, some come twice.
 */
export function makeFeed(seed: number, options: FeedOptions = {}): Feed {
  const random = seeded(seed * 7919 + 1)
  const advance = 10 * MINUTE
  const window = {
    size: advance * random.pick([1, 1, 2, 3]),
    advance,
    grace: random.pick([0, 5, 10]) * MINUTE,
    reviseFor: options.patient ? 400 * advance : advance * random.pick([0, 2, 4]),
  }
  const models = options.models ?? (random.chance(0.7) && !options.dense ? MODELS : MODELS.slice(0, 1))
  const count = Math.max(options.least ?? 1, random.integer(1, 3)) + (options.never ? 1 : 0)
  const partitions = Array.from({ length: count }, (_, p) =>
    options.never && p === count - 1
      ? []
      : records(random, p, window, models, {
          count: options.records ?? random.integer(15, 50) * (options.dense ? 10 : 1) + (options.long ? 60 : 0),
          step: options.dense ? MINUTE / 12 : MINUTE,
          prompt: options.joined ?? false,
        }),
  )
  const segmented = random.chance(0.3)
  const { dense = false } = options
  return {
    window,
    models,
    segmented,
    partitions,
    dense,
    labels: options.joined ? labelsOf(random, partitions, window) : [],
  }
}

/** A label later than that after its prediction is none. */
export const HORIZON = 60 * MINUTE

/** What became of the predictions: most within the horizon, some twice with another value, some too late, some of nobody; each partition in order. */
function labelsOf(random: Random, partitions: readonly (readonly Sent[])[], { grace }: WindowOf): Sent[][] {
  const all = partitions.flat().flatMap(({ key, value }, i) => {
    const event = parsed(value)
    // Nobody labels what a clock a year ahead has told.
    if (!(Number(event?.['eventTime']) < T0 + 24 * HORIZON) || !random.chance(0.8)) return []
    const label = (id: unknown, at: number, tipped: boolean): Sent => ({
      key,
      value: Buffer.from(JSON.stringify({ ride: id, model: event!['model'], at, tipped })),
      timestamp: at,
    })
    const { requestId, eventTime } = event as { requestId: unknown; eventTime: number }
    // No two of the same time.
    const at = eventTime + random.integer(1, 30) * MINUTE + i
    const tipped = random.chance(0.5)
    if (random.chance(0.05)) return [label(requestId, eventTime + 4 * HORIZON + i, tipped)]
    if (random.chance(0.05)) return [label(`nobody-${i}`, at, tipped)]
    const again = random.chance(0.2) ? [label(requestId, at + random.integer(1, 25) * MINUTE, !tipped)] : []
    return [label(requestId, at, tipped), ...again]
  })
  const arriving = all.map(one => ({ one, at: one.timestamp! + random.next() * grace })).sort((a, b) => a.at - b.at)
  const topic = Array.from({ length: random.integer(1, 2) }, (): Sent[] => [])
  for (const { one } of arriving) random.pick(topic).push(one)
  return topic
}

/** Of a prediction or of a label; NaN where there is none. */
export function eventTimeOf(value: Buffer | null): number {
  const event = parsed(value)
  return Number(event?.['eventTime'] ?? event?.['at'] ?? Number.NaN)
}

function parsed(value: Buffer | null): Record<string, unknown> | null {
  try {
    return value && (JSON.parse(value.toString()) as Record<string, unknown>)
  } catch {
    return null
  }
}

function records(
  random: Random,
  partition: number,
  window: WindowOf,
  models: readonly string[],
  { count, step, prompt }: { count: number; step: number; prompt: boolean },
): Sent[] {
  const versions = random.chance(0.3) ? ['v1', 'v2'] : ['v1']
  const sent: Sent[] = []
  let clock = T0 + random.integer(0, 15) * MINUTE
  for (let i = 0; i < count; i++) {
    clock += random.pick([0, 0, 1, 1, 2, 4, 9]) * step
    const late =
      random.chance(0.2) && !prompt
        ? window.grace + Math.min(window.reviseFor, 4 * window.advance) + 25 * MINUTE
        : window.grace
    const again = sent.length > 0 && random.chance(0.03) && !prompt ? random.pick(sent) : undefined
    sent.push(
      again ??
        record(random, `${partition}-${i}`, clock - random.integer(0, late / MINUTE) * MINUTE, models, versions, i),
    )
  }
  return sent
}

function record(
  random: Random,
  id: string,
  eventTime: number,
  models: readonly string[],
  versions: readonly string[],
  i: number,
): Sent {
  const fault = i > 3 ? random.next() : 1
  if (fault < 0.02) return { key: id, value: Buffer.from('{"requestId": "cut') }
  if (fault < 0.03) return { key: id, value: null }
  // The first of each model can be read: of a partition's first event time nothing says that it cannot be.
  const model = i <= 3 ? models[i % models.length]! : random.chance(0.05) ? 'unwatched' : random.pick(models)
  const event: Record<string, unknown> = {
    requestId: fault < 0.05 ? null : id,
    eventTime: fault > 0.05 && fault < 0.07 ? eventTime + 365 * 24 * 60 * MINUTE : eventTime,
    model,
    modelVersion: random.pick(versions),
    score: Math.round(random.next() * 1000) / 1000,
    features: features(random),
  }
  if (fault > 0.07 && fault < 0.08) delete event['eventTime']
  return { key: id, value: Buffer.from(JSON.stringify(event)) }
}

/** Nulls, gaps and values of another type are drawn for each feature on its own: together their counts tell which rows a window has. */
export function features(random: Random): Record<string, unknown> {
  const all: Record<string, unknown> = {
    fare: Math.round(100 * Math.exp(2 + 0.5 * random.normal())) / 100,
    payment: random.pick(['cash', 'cash', 'cash', 'card', 'card', 'app']),
    tip: Math.max(0, 2 + random.normal()),
  }
  for (const name of Object.keys(all)) {
    const fault = random.next()
    if (fault < 0.1) delete all[name]
    else if (fault < 0.2) all[name] = null
    else if (fault < 0.25 && (name === 'fare' || name === 'tip')) all[name] = 'much'
  }
  return all
}
