import type { OutgoingRecord } from '../core/ports.js'
import { broken } from './broken.js'
import { CANARY_SHARE, distort, type Schedule } from './faults.js'
import type { Priced } from './labels.js'
import { Random } from './random.js'
import { MODEL, type RideFeatures, ride, score } from './ride.js'

/** What the service writes for each request. */
export interface RideEvent {
  requestId: string
  driverId: string
  /** Epoch ms. */
  eventTime: number
  model: string
  modelVersion: string
  score: number
  features: RideFeatures
}

const DAY_MS = 86_400_000
const DRIVERS = 4000
/** Records reach the log within this, apart from the few that a phone without network kept. */
const MOST_DELAY_MS = 30_000

interface Arriving {
  readonly at: number
  readonly record: OutgoingRecord
}

/** What was written, counted where it was made; the closing table sets it beside what the line has counted. */
export interface Sent {
  records: number
  rides: number
  broken: number
  otherModels: number
  /** Rides that came so late that no window takes them. */
  tooLate: number
}

/**
 * The simulated scoring service: rides at a mild daily course, served by v1, then by v1 and v2, then by v2, with the schedule's faults.
 * Seeded: the same seed and schedule, the same bytes. Faults, broken records and riders draw from streams of their own, so that a run without them
 * has the same rides.
 */
export class ScoringService {
  readonly sent: Sent = { records: 0, rides: 0, broken: 0, otherModels: 0, tooLate: 0 }
  readonly #rides: Random
  readonly #traffic: Random
  readonly #faults: Random
  readonly #riders: Random
  #under = 0
  #number = 0
  #travelling: Arriving[] = []

  /**
   * @param perHour rides an hour, over the day's mean
   * @param onPriced told of each ride
   */
  constructor(
    private readonly seed: number,
    private readonly schedule: Schedule,
    private readonly perHour: number,
    private readonly onPriced: (ride: Priced) => void = () => {},
  ) {
    this.#rides = new Random(seed)
    this.#traffic = new Random(seed ^ 0x5eed)
    this.#faults = new Random(seed ^ 0xfa17)
    this.#riders = new Random(seed ^ 0xacce)
  }

  /** What reaches the log in [from, until), in order of arrival; calls follow each other without a gap. */
  records(from: number, until: number): OutgoingRecord[] {
    const arriving = this.#travelling.concat(this.#requests(from, until))
    arriving.sort((a, b) => a.at - b.at)
    const split = arriving.findIndex(({ at }) => at >= until)
    this.#travelling = split < 0 ? [] : arriving.slice(split)
    return (split < 0 ? arriving : arriving.slice(0, split)).map(({ record }) => record)
  }

  /** What is still on its way when the service ends. */
  rest(): OutgoingRecord[] {
    const rest = this.#travelling.map(({ record }) => record)
    this.#travelling = []
    return rest
  }

  #requests(from: number, until: number): Arriving[] {
    const arriving: Arriving[] = []
    const expected = (this.perHour * (until - from) * busy((from + until) / 2)) / 3_600_000 + this.#under
    const count = Math.floor(expected)
    this.#under = expected - count
    for (let i = 0; i < count; i++) {
      const time = from + Math.floor(((i + this.#traffic.next()) * (until - from)) / count)
      arriving.push(this.#request(time))
      const stray = this.#stray(time)
      if (stray !== null) arriving.push(stray)
    }
    return arriving
  }

  #request(time: number): Arriving {
    const version = this.#version(time)
    const features = ride(this.#rides, time)
    // The rider answers to the ride as it is, whatever the model is served with.
    const accepted = this.#riders.chance(score(features))
    distort(this.schedule.faults, features, { time, version }, this.#faults)
    const event: RideEvent = {
      requestId: `${this.seed.toString(36)}-${(this.#number++).toString(36)}`,
      driverId: `d${this.#traffic.below(DRIVERS)}`,
      eventTime: time,
      model: MODEL,
      modelVersion: version,
      score: score(features),
      features,
    }
    const at = time + this.#delay()
    this.onPriced({ requestId: event.requestId, time, score: event.score, accepted })
    this.sent.rides++
    this.sent.records++
    return { at, record: { key: event.requestId, value: Buffer.from(JSON.stringify(event)), timestamp: at } }
  }

  #version(time: number): string {
    const draw = this.#traffic.next()
    const { before, after, canary, rollout } = this.schedule.deploy
    return time >= rollout || (time >= canary && draw < CANARY_SHARE) ? after : before
  }

  /** Most within seconds; some after minutes, which revise their window; very few after hours, which no window takes. */
  #delay(): number {
    const draw = this.#traffic.next()
    if (draw < 0.0001) {
      this.sent.tooLate++
      return 3 * 3_600_000 + this.#traffic.below(3_600_000)
    }
    if (draw < 0.0004) return 120_000 + this.#traffic.below(600_000)
    return Math.min(MOST_DELAY_MS, Math.floor(this.#traffic.exponential(3000)))
  }

  /** Now and then something else in the topic: another model's event, or a record that cannot be read. */
  #stray(time: number): Arriving | null {
    const draw = this.#traffic.next()
    if (draw >= 0.0105) return null
    this.sent.records++
    const timestamp = time + 500
    const key = `${this.seed.toString(36)}-x${(this.#number++).toString(36)}`
    if (draw < 0.01) {
      this.sent.otherModels++
      const event = { requestId: key, eventTime: time, model: 'ride-eta', modelVersion: 'v7', features: { queue: 3 } }
      return { at: timestamp, record: { key, value: Buffer.from(JSON.stringify(event)), timestamp } }
    }
    this.sent.broken++
    return { at: timestamp, record: { key, value: broken(this.#traffic.next(), key, time), timestamp } }
  }
}

/** The day's course: a fifth more around noon than on the mean, a fifth less at night. */
function busy(time: number): number {
  return 1 - 0.2 * Math.cos((2 * Math.PI * (time % DAY_MS)) / DAY_MS)
}
