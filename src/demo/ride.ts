import type { Random } from './random.js'

export const MODEL = 'ride-pricing'

/** What the model "ride-pricing" is served with. A category is text, so that a fault can bring one that training never saw. */
export interface RideFeatures {
  trip_km: number
  trip_minutes: number
  surge: number
  pickup_delay_s: number
  driver_rating: number
  distance_to_center_km: number
  temperature_c: number | null
  tip_last: number
  past_trips: number
  payment_type: string
  city: string
  is_airport: boolean
  is_member: boolean
}

const PAYMENTS = ['card', 'app', 'cash', 'corporate', 'voucher']
const PAYMENT_SHARES = [0.48, 0.27, 0.15, 0.07, 0.03]
const CITIES = ['porto', 'lyon', 'gdansk', 'bergen', 'sevilla', 'graz']
const CITY_SHARES = [0.3, 0.22, 0.18, 0.13, 0.1, 0.07]
/** Mean temperature by city, °C: between them lies most of the spread, so that a day's course moves the whole but little. */
const CITY_WARMTH = [17, 13, 5, 2, 24, 9]
const DAY_MS = 86_400_000

/**
 * The features of one ride. The process is the same for training and serving, with a mild daily course: a ride at night differs from one at
 * noon, but not so that a clean half hour differs from the whole as a fault does.
 */
export function ride(random: Random, time: number): RideFeatures {
  const hour = (2 * Math.PI * (time % DAY_MS)) / DAY_MS
  const city = random.weighted(CITY_SHARES)
  const airport = random.chance(0.12)
  const km = Math.exp(random.normal(airport ? 2.7 : 1.6, 0.6))
  const rush = 1 - 0.04 * Math.cos(2 * hour)
  const surging = random.chance(0.28 - 0.015 * Math.cos(hour))
  const center = airport ? random.normal(17, 1.5) : random.gamma(2, 2.2)
  return {
    trip_km: round(km, 3),
    trip_minutes: round(3 + km * 2.1 * rush * Math.exp(random.normal(0, 0.25)), 2),
    surge: surging ? Math.min(3, round(1.1 + random.exponential(0.3), 1)) : 1,
    pickup_delay_s: round(random.gamma(3, 70), 2),
    driver_rating: Math.max(1, round(5 - random.gamma(2, 0.16), 1)),
    distance_to_center_km: round(Math.abs(center), 3),
    temperature_c: temperature(random, city, hour),
    tip_last: random.chance(0.6) ? 0 : round(random.gamma(2, 1.8), 2),
    past_trips: Math.floor(Math.exp(random.normal(3.2, 1.1))),
    payment_type: PAYMENTS[random.weighted(PAYMENT_SHARES)],
    city: CITIES[city],
    is_airport: airport,
    is_member: random.chance(0.35),
  }
}

/** Null for one ride in eight: the weather service does not answer in time. */
function temperature(random: Random, city: number, hour: number): number | null {
  const degrees = random.normal(CITY_WARMTH[city] - 1.2 * Math.cos(hour - 0.6), 4)
  return random.chance(0.125) ? null : round(degrees, 1)
}

/** How likely the "model" holds it that the rider takes the price: a logistic of what it was served with, wrong values included. */
export function score(features: RideFeatures): number {
  const { trip_km, surge, pickup_delay_s, is_member, tip_last } = features
  const logit =
    -2.2 +
    0.6 * Math.log1p(Math.max(0, trip_km)) +
    0.8 * (surge - 1) +
    0.001 * pickup_delay_s -
    (is_member ? 0.4 : 0) +
    0.03 * tip_last
  return round(1 / (1 + Math.exp(-logit)), 4)
}

function round(x: number, digits: 1 | 2 | 3 | 4): number {
  const scale = 10 ** digits
  return Math.round(x * scale) / scale
}
