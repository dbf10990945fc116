import { type Random, seeded } from '../../random.js'
import type { Stream } from './streams.js'
import type { Half } from './tables.js'
import { type Column, type Feature, seedOf, type Value } from './values.js'

const HOUR = 3_600_000
const WEEK = 168

/** What the world is like in one hour, for one feature: its daily and weekly shape, the trend, and the noise that all its rows share. */
interface Moment {
  /** Sum of shape, trend and shared noise, in σ of the feature. */
  readonly level: number
  /** 0 … 23 in the stream's zone. */
  readonly hour: number
}

interface Recipe extends Feature {
  /** Height of the daily shape, in σ. */
  readonly swing: number
  /** σ that the level moves over the whole stream. */
  readonly trend: number
  /** Standard deviation of the noise that the rows of a window share, in σ. */
  readonly shared: number
  readonly nulls: number
  draw(random: Random, moment: Moment): Value
}

interface Plan {
  readonly name: string
  readonly family: 'seasonal' | 'wide'
  readonly recipes: readonly Recipe[]
  readonly zone: string
  readonly start: number
  /** Hours of each. */
  readonly baseline: number
  readonly history: number
  readonly serving: number
  /** Least rows of an hour; by day there are up to a fifth more. */
  readonly rows: number
  /** Rows of an hour that the training sample keeps. */
  readonly sample: number
  readonly seed: number
}

/** Zone, and a start that puts the change of its clocks into week 20 of 26. */
const PLACE: Readonly<Record<Half, { zone: string; start: number }>> = {
  development: { zone: 'Europe/Berlin', start: Date.UTC(2025, 10, 9, 23) },
  judgement: { zone: 'America/Chicago', start: Date.UTC(2026, 5, 15, 5) },
}

/** 26 weeks of hourly windows, at least 1,000 rows each: 4 of training, 14 of history (as many windows as a slot of the week needs), 8 served. */
export function seasonal(half: Half, quick: boolean): Stream {
  const seed = seedOf('seasonal', half)
  const weeks = quick ? { baseline: 1, history: 3, serving: 1 } : { baseline: 4, history: 14, serving: 8 }
  return generate({
    name: `seasonal/1000${quick ? ' (5 weeks)' : ''}`,
    family: 'seasonal',
    recipes: dailyRecipes(seeded(seed)),
    ...PLACE[half],
    baseline: weeks.baseline * WEEK,
    history: weeks.history * WEEK,
    serving: weeks.serving * WEEK,
    rows: 1000,
    sample: 100,
    seed,
  })
}

/** A model of 200 features, a quarter of them with a mild daily shape. */
export function wide(half: Half, quick: boolean): Stream {
  const seed = seedOf('wide', half)
  const random = seeded(seed)
  const recipes = Array.from({ length: 20 }, (_, i) => dailyRecipes(random).map(one => mild(one, i, random))).flat()
  return generate({
    name: `wide/${recipes.length}×300`,
    family: 'wide',
    recipes,
    ...PLACE[half],
    baseline: 96,
    history: quick ? 40 : 120,
    serving: quick ? 40 : 72,
    rows: 300,
    sample: 60,
    seed,
  })
}

function mild(recipe: Recipe, copy: number, random: Random): Recipe {
  const swing = random.chance(0.25) ? 0.15 : 0
  return { ...recipe, name: `${recipe.name}_${copy + 1}`, swing, trend: 0, shared: recipe.shared * random.next() }
}

/** Ten features of the kinds that are served: amounts, waits, counts with many zeros, whole numbers, hours, shares, labels, flags. */
function dailyRecipes(random: Random): Recipe[] {
  const around = (x: number): number => x * (0.7 + 0.6 * random.next())
  const wait = around(9)
  const cold = around(46)
  const base = Math.round(around(38))
  const busy = 0.25 + 0.2 * random.next()
  const ahead = around(5)
  const member = random.normal() * 0.7
  const channels = ['app', 'web', 'phone', 'partner', 'kiosk', 'mail', 'fax']
  const zips = Array.from({ length: 25 }, (_, i) => String(1067 + 397 * i * (i + 3)).padStart(5, '0'))
  const numeric = { kind: 'numeric', trend: 0, shared: 0.06, nulls: 0 } as const
  const categorical = { kind: 'categorical', trend: 0, shared: 0.06, nulls: 0 } as const
  return [
    {
      ...numeric,
      name: 'amount',
      swing: 0.3,
      nulls: 0.01,
      draw: (r, { level }) => round(Math.exp(3 + 0.8 * (r.normal() + level)), 2),
    },
    {
      ...numeric,
      name: 'wait',
      swing: 0.2,
      nulls: 0.03,
      draw: (r, { level }) => -Math.log(1 - r.next()) * wait * Math.exp(level),
    },
    {
      ...numeric,
      name: 'temperature',
      swing: 0.6,
      trend: 0.4,
      shared: 0.15,
      draw: (r, { level }) => round(cold + 11 * (r.normal() + level), 1),
    },
    {
      ...numeric,
      name: 'visits',
      swing: 0.3,
      draw: (r, { level }) => (r.next() > busy + 0.1 * level ? 0 : Math.ceil(-Math.log(1 - r.next()) * 3)),
    },
    {
      ...numeric,
      name: 'age',
      swing: 0,
      draw: (r, { level }) => Math.max(18, Math.round(base + 9 * (r.normal() + level))),
    },
    {
      ...numeric,
      name: 'booked_hour',
      swing: 0,
      draw: (r, { hour }) => (hour + 240 - Math.floor(-Math.log(1 - r.next()) * ahead)) % 24,
    },
    { ...numeric, name: 'score', swing: 0.25, draw: (r, { level }) => 1 / (1 + Math.exp(1.5 - r.normal() - level)) },
    {
      ...categorical,
      name: 'channel',
      swing: 0.5,
      nulls: 0.005,
      draw: (r, { level }) => channels[tilted(r, channels.length, 1.1, level)],
    },
    { ...categorical, name: 'zip', swing: 0, draw: (r, { level }) => zips[tilted(r, zips.length, 0.25, level)] },
    {
      ...categorical,
      name: 'member',
      swing: 0.4,
      nulls: 0.02,
      draw: (r, { level }) => String(r.next() < 1 / (1 + Math.exp(member - level))),
    },
  ]
}

const round = (x: number, decimals: number): number => Math.round(x * 10 ** decimals) / 10 ** decimals

/** An index in [0, n) that falls off by e^−slope a step, the later ones likelier as the level rises. */
function tilted(random: Random, n: number, slope: number, level: number): number {
  return Math.min(n - 1, Math.floor((-Math.log(1 - random.next()) / slope) * Math.exp(0.15 * level)))
}

function generate(plan: Plan): Stream {
  const { recipes, seed, zone } = plan
  const hours = plan.baseline + plan.history + plan.serving
  const clock = localHours(plan.start, hours, zone)
  const levels = recipes.map(recipe => levelsOf(recipe, clock, seed))
  const of = (at: number): Column[] => {
    const { hour } = clock[at]!
    const rows = Math.round(plan.rows * (1 + 0.2 * Math.max(0, Math.sin((Math.PI * (hour - 6)) / 15))))
    const random = seeded(seedOf(seed, at))
    return recipes.map((recipe, f) => column(recipe, { level: levels[f]![at]!, hour }, rows, random))
  }
  // Windows are large and asked for again and again around a fault.
  const kept = new Map<number, Column[]>()
  return {
    name: plan.name,
    family: plan.family,
    source: plan.family,
    features: recipes.map(({ name, kind }) => ({ name, kind })),
    history: plan.history,
    serving: plan.serving,
    windowMs: HOUR,
    start: plan.start + plan.baseline * HOUR,
    zone,
    baseline: () => {
      const columns: Value[][] = recipes.map(() => [])
      for (let at = 0; at < plan.baseline; at++)
        for (const [f, values] of of(at).entries()) columns[f]!.push(...values.slice(0, plan.sample))
      return columns
    },
    window: index => {
      const known = kept.get(index)
      if (known !== undefined) return known
      const made = of(plan.baseline + index)
      kept.set(index, made)
      if (kept.size > 48) kept.delete(kept.keys().next().value!)
      return made
    },
    documented: () => false,
  }
}

function column({ nulls, draw }: Recipe, moment: Moment, rows: number, random: Random): Column {
  const values: Value[] = []
  for (let row = 0; row < rows; row++) values.push(nulls > 0 && random.chance(nulls) ? null : draw(random, moment))
  return values
}

/** Hour of the day and whether it is a weekend, hour by hour, as the zone's clocks show them. */
function localHours(start: number, hours: number, zone: string): { hour: number; weekend: boolean }[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hour: 'numeric',
    weekday: 'short',
    hourCycle: 'h23',
  })
  return Array.from({ length: hours }, (_, h) => {
    const parts = format.formatToParts(start + h * HOUR)
    const of = (type: string): string => parts.find(part => part.type === type)!.value
    return { hour: Number(of('hour')), weekend: of('weekday').startsWith('S') }
  })
}

/** Two harmonics of the day, flatter and later at weekends; a straight trend; noise that carries over from hour to hour (AR(1), ρ = .5). */
function levelsOf(recipe: Recipe, clock: readonly { hour: number; weekend: boolean }[], seed: number): Float64Array {
  const random = seeded(seedOf(seed, recipe.name))
  const [first, second] = [random.next(), random.next()].map(phase => 2 * Math.PI * phase)
  let noise = recipe.shared * random.normal()
  return Float64Array.from(clock, ({ hour, weekend }, at) => {
    const turn = (2 * Math.PI * (hour - (weekend ? 2 : 0))) / 24
    const shape = Math.sin(turn + first!) + 0.4 * Math.sin(2 * turn + second!)
    if (at > 0) noise = 0.5 * noise + recipe.shared * Math.sqrt(0.75) * random.normal()
    const trend = recipe.trend * (at / clock.length - 0.5)
    return recipe.swing * shape * (weekend ? 0.6 : 1) + trend + noise
  })
}
