import { type Random, seeded } from '../../random.js'
import { dailyRecipes, type Moment, type Recipe } from './recipes.js'
import type { Stream } from './streams.js'
import type { Half } from './tables.js'
import { type Column, seedOf, type Value } from './values.js'

const HOUR = 3_600_000
const WEEK = 168

/** A generated stream. */
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

/** Most features of a wide model know no time of day. */
function mild(recipe: Recipe, copy: number, random: Random): Recipe {
  const daily = random.chance(0.25)
  return {
    ...recipe,
    name: `${recipe.name}_${copy + 1}`,
    swing: daily ? 0.15 : 0,
    trend: 0,
    shared: recipe.shared * random.next(),
    draw: (r, moment) => recipe.draw(r, daily ? moment : { ...moment, hour: 12 }),
  }
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
    training: plan.baseline,
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
