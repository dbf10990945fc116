import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Baseline } from '../../src/core/baseline/baseline.js'
import { MemoryKeyed } from '../../src/state/keyed-memory.js'
import { LmdbStore } from '../../src/state/lmdb.js'
import { type Random, seeded } from '../random.js'
import { trained } from '../service/rides.js'
import { DisturbedStore, type Fault } from '../state/disturbed.js'
import { check, type Violation } from './check.js'
import { type Feed, features, MINUTE, makeFeed } from './feed.js'
import { IDLE_AFTER, monitorFor } from './monitor.js'
import type { Process } from './process.js'
import { type Running, World } from './world.js'

/** What may happen in a run, drawn from its seed. */
export interface Plan {
  readonly kills: boolean
  readonly zombies: boolean
  readonly haunted: boolean
  readonly apart: boolean
  readonly crowd: boolean
  readonly store: Fault | 'absent'
  readonly idles: boolean
  readonly never: boolean
  readonly grows: boolean
  readonly judged: boolean
  /** Whether predictions are joined with labels, which come before them or long after. */
  readonly joined: boolean
  /** Whether processes with a changed monitor replace the others, one by one. */
  readonly deployed: boolean
  /** Whether another baseline judges some windows, and the first one those after them; said in mid-run. */
  readonly promoted: boolean
  readonly splits: boolean
  readonly compacts: boolean
  /** Whether the panes are read again from the beginning, by another process at another time. */
  readonly replayed: boolean
}

export function planOf(random: Random): Plan {
  const idles = random.chance(0.2)
  const grows = random.chance(0.1)
  const judged = !idles && !grows && random.chance(0.1)
  const isPlain = !idles && !grows && !judged
  return {
    kills: random.chance(0.8),
    zombies: random.chance(0.5),
    haunted: random.chance(0.5),
    apart: random.chance(0.5),
    crowd: random.chance(0.3),
    store: random.pick(['absent', 'none', 'stale', 'lost', 'down'] as const),
    idles,
    never: idles && !grows && random.chance(0.5),
    grows,
    judged,
    joined: (isPlain || judged) && random.chance(0.25),
    deployed: isPlain && random.chance(0.1),
    promoted: random.chance(0.5),
    splits: random.chance(0.5),
    compacts: random.chance(0.3),
    replayed: idles || random.chance(0.25),
  }
}

export interface Result {
  readonly seed: number
  /** What was asked for of the plan, and the plan. */
  readonly wanted: Partial<Plan>
  readonly plan: Plan
  readonly violations: readonly Violation[]
  readonly records: number
  readonly verdicts: number
  readonly done: World['done']
}

/** A failed run, for people: what does not hold, and how to see it again. */
export function told({ seed, wanted, plan, violations }: Result): string {
  const first = violations.slice(0, 3).map(({ invariant, detail }) => `\n  ${invariant}: ${detail.slice(0, 600)}`)
  const more = violations.length > 3 ? `\n  and ${violations.length - 3} more` : ''
  const forced = Object.keys(wanted).length > 0 ? ` --plan '${JSON.stringify(wanted)}'` : ''
  return `seed ${seed} ${JSON.stringify(plan)}${first.join('')}${more}\n  again: npm run test:faults -- --seed ${seed} --runs 1${forced}`
}

/** Runs with one store and the baselines that they share. */
export class Runs {
  readonly #folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'driftline-faults-'))
  readonly #store = LmdbStore.open(this.#folder)
  #baselines = new Map<string, Baseline>()
  #started = 0

  async run(seed: number, wanted: Partial<Plan> = {}): Promise<Result> {
    const random = seeded(seed * 31 + 7)
    const plan = { ...planOf(random), ...wanted }
    const { never, idles, grows, judged, joined, deployed } = plan
    const feed = makeFeed(seed, { never, patient: idles, least: grows ? 2 : 1, dense: judged, joined, long: deployed })
    const panesPartitions = random.integer(1, 3)
    const make = (calm: boolean): World => {
      const group = `faults-${this.#started++}`
      const disturbed = plan.store === 'absent' || calm ? null : new DisturbedStore(this.#store, plan.store, random)
      return new World({
        ...{
          feed,
          panesPartitions,
          group,
          store: disturbed,
          keys: plan.store === 'absent' ? null : new MemoryKeyed(),
          baselines: plan.judged ? this.#trained(feed, 1, null) : [],
        },
        ...(calm
          ? {
              random: seeded(seed),
              idles: false,
              grows: false,
              apart: false,
              haunted: false,
              splits: false,
              compacts: false,
            }
          : {
              ...{ random, idles: plan.idles, grows: plan.grows, apart: plan.apart },
              ...{ haunted: plan.haunted, splits: plan.splits, compacts: plan.compacts },
            }),
      })
    }
    const world = make(false)
    await disturb(world, plan, random, from => this.#trained(feed, 2, from))
    const calm = plan.judged && !plan.idles && !plan.grows ? await quietly(make(true), world.words) : null
    const { violations, verdicts } = await check(world, plan, calm)
    const records = feed.partitions.reduce((sum, { length }) => sum + length, 0)
    return { seed, wanted, plan, violations, records, verdicts, done: world.done }
  }

  async close(): Promise<void> {
    await this.#store.close()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #trained(feed: Feed, version: number, from: number | null): Baseline[] {
    return feed.models.map(model => {
      const key = JSON.stringify([model, feed.window, feed.segmented, feed.labels.length > 0, version, from])
      let baseline = this.#baselines.get(key)
      if (baseline === undefined) {
        const rows = { rows: 4000, perHour: 600, features, dated: true, seed: 1000 + version }
        this.#baselines.set(key, (baseline = trained(monitorFor(model, feed, false), { ...rows, version, from })))
      }
      return baseline
    })
  }
}

/** The same input without a fault, and all that is said of baselines at once. */
async function quietly(world: World, words: World['words']): Promise<World> {
  await world.open()
  for (const { baseline, from } of words) await world.promote(baseline, from)
  for (const [p, count] of world.left.entries()) await world.send(p, count)
  await finish(world)
  return world
}

/** What changes in mid-run, once each: as the share of the input that is left falls. */
function changes(world: World, plan: Plan, train: (from: number) => Baseline[]) {
  const all = sum(world.left)
  const { advance } = world.options.feed.window
  const due = [
    { at: 0.8, isWanted: plan.deployed, change: () => world.deploy() },
    {
      at: 0.7,
      isWanted: plan.judged && plan.promoted,
      change: async () => {
        const from = world.nextPane + advance
        for (const baseline of train(from)) await world.promote(baseline, from)
      },
    },
    {
      at: 0.4,
      isWanted: plan.judged && plan.promoted,
      // Back to the first.
      change: async () => {
        const from = Math.max(world.nextPane, world.words.at(-1)!.from + advance)
        for (const baseline of world.options.baselines) await world.promote(baseline, from)
      },
    },
  ].filter(({ isWanted }) => isWanted)
  return async (): Promise<void> => {
    while (due.length > 0 && sum(world.left) <= due[0]!.at * all) {
      await due.shift()!.change()
      // A baseline counts from a pane that is far enough ahead for every instance to know of it.
      await world.settle()
    }
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, one) => all + one, 0)
}

async function disturb(world: World, plan: Plan, random: Random, train: (from: number) => Baseline[]): Promise<void> {
  await world.open()
  const change = changes(world, plan, train)
  const silent = plan.idles ? random.integer(0, world.left.length - 1) : -1
  const half = (world.left[silent] ?? 0) / 2
  for (let step = 0; world.left.some(count => count > 0); step++) {
    const open = [...world.left.keys()].filter(
      p =>
        world.left[p]! > 0 &&
        (p !== silent || world.left[p]! > half || step > 60 || !world.left.some((c, q) => q !== silent && c > 0)),
    )
    const partition = random.pick(open)
    if (plan.grows && (partition === world.left.length - 1 || random.chance(0.1))) {
      if (random.chance(0.8)) continue
      await world.grow()
    }
    await world.send(partition, random.integer(1, plan.judged ? 80 : 8))
    world.now += random.integer(0, 3) * MINUTE
    await change()
    threaten(world, plan, random)
    if (random.chance(0.8)) await world.settle()
    if (random.chance(0.4)) await world.tick()
    if (plan.idles && random.chance(0.15)) await silence(world)
    await happen(world, plan, random)
  }
  await calmDown(world, random)
  // Who has been told to be idle stays so until there is a record: the end is told by one who knows.
  if (plan.idles) await silence(world)
  await finish(world)
}

/** Who will die or stand still, and after how many of its steps. */
function threaten(world: World, plan: Plan, random: Random): void {
  for (const { process } of world.members) {
    if (plan.kills && random.chance(0.25)) process.killIn = random.integer(0, 12)
    else if (plan.zombies && random.chance(0.12)) process.stallIn = random.integer(0, 12)
    else if (plan.kills && random.chance(0.1)) process.inState = { dies: random.integer(0, 3) }
    else if (plan.zombies && random.chance(0.1)) process.inState = { stalls: random.integer(0, 3) }
  }
}

/** What happens between two steps. */
async function happen(world: World, plan: Plan, random: Random): Promise<void> {
  if (plan.crowd && world.members.length < 4 && random.chance(0.15))
    await world.start(random.pick(world.members).stages)
  if (plan.crowd && random.chance(0.1)) {
    const one = random.pick(world.members)
    if (world.members.some(other => other !== one && other.stages === one.stages)) await leave(world, one)
  }
  if (plan.zombies && random.chance(0.08)) {
    await world.bewitch(random.pick(world.members))
    await world.replace()
  }
  for (const zombie of world.zombies) {
    if (random.chance(0.25)) {
      await world.haunt(zombie)
      // Before they write again: what it has written last is what their successors find.
      if (plan.kills && random.chance(0.3)) await bereave(world)
    }
    if (random.chance(0.15)) await world.bury(zombie)
  }
  if (world.onTheWay > 0 && random.chance(0.3)) await world.land()
}

/** All that the groups know of die. */
async function bereave(world: World): Promise<void> {
  for (const one of world.members) await world.bury(one)
  await world.replace()
}

async function leave(world: World, one: Running): Promise<void> {
  spare(one.process)
  await world.leave(one)
}

function spare(process: Process): void {
  process.killIn = Number.POSITIVE_INFINITY
  process.stallIn = Number.POSITIVE_INFINITY
  process.inState = null
}

/** Wall time passes, and nothing comes. */
async function silence(world: World): Promise<void> {
  for (let i = 0; i < 3; i++) {
    world.now += IDLE_AFTER / 2
    await world.tick()
    await world.settle()
  }
}

/** The last words of zombies, and of the dead; then everything works again. */
async function calmDown(world: World, random: Random): Promise<void> {
  for (const zombie of world.zombies) {
    if (random.chance(0.5)) await world.haunt(zombie)
    await world.bury(zombie)
  }
  while (world.onTheWay > 0) await world.land()
  for (const { process } of world.members) {
    spare(process)
  }
  await world.replace()
  await world.settle()
  world.now += MINUTE
  await world.tick()
  await world.settle()
}

/** The end of the input is told by one: where the others' partitions are idle, its word closes every window. */
async function finish(world: World): Promise<void> {
  const [, ...others] = world.members.filter(({ stages }) => stages.summarize)
  for (const one of others) await world.leave(one)
  await world.replace()
  await world.settle()
  world.due()
  for (const { line } of world.members) await line.finish()
  await world.settle()
}
