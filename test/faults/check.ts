import { decodeControl, type MonitorVersion } from '../../src/codec/control.js'
import { decodeInternal } from '../../src/codec/internal.js'
import type { AlertEvent, VerdictEvent } from '../../src/core/alert/event.js'
import type { Monitor } from '../../src/core/monitor.js'
import type { BinaryScores } from '../../src/core/performance/score-state.js'
import type { EmbeddedLog } from '../../src/log/embedded.js'
import { ALERTS, CONTROL, PANES } from '../../src/service/topics.js'
import { readable } from '../readable-histories.js'
import { HORIZON } from './feed.js'
import { expectedPairs, type Pairs } from './join-oracle.js'
import { type Content, expected, expectedIn } from './oracle.js'
import { decoded, joinedPartsOf, recordsOf, verdictsOf } from './published.js'
import { readAgain } from './replay.js'
import type { Plan } from './run.js'
import type { World } from './world.js'

/** A promise that does not hold, and where. */
export interface Violation {
  readonly invariant: string
  readonly detail: string
}

/** What the run has published and committed, against what the oracle says of its input. */
export async function check(
  world: World,
  plan: Plan,
  calm: World | null,
): Promise<{ violations: Violation[]; verdicts: number }> {
  const violations: Violation[] = []
  const say = (invariant: string, detail: string): void => void violations.push({ invariant, detail })
  for (const violation of world.violations) {
    const [invariant] = violation.split(':')
    say(invariant!, violation)
  }
  const oracle = expected(world.options.feed)
  const published = await verdictsOf(world.log)
  const once = byId(published, say)
  for (const { model } of world.monitors) {
    const mine = [...once.values()].filter(({ series }) => series.model === model)
    const wanted = oracle.verdicts.get(model)!
    if (plan.deployed) {
      await deployed(world, model, mine, say)
      continue
    }
    if (plan.idles || plan.grows) lastContents(mine, wanted, plan.idles, say)
    else contents(mine, wanted, say)
    sums(world, model, oracle.counts.get(model)!, say)
    expiry(world, model, mine, oracle.windowRows.get(model)!, plan.grows, say)
  }
  replays(world, oracle.watermarks, say)
  await partBytes(world, say)
  if (plan.joined) await pairs(world, say)
  if (plan.replayed) await replayed(await (plan.deployed ? readAgain(world, 0) : readAgain(world)), once, say)
  if (calm !== null) await decisions(world, calm, say)
  return { violations, verdicts: once.size }
}

/** Each monitor version has its panes, and a window that has panes of both is not judged. */
async function deployed(world: World, model: string, mine: readonly VerdictEvent[], say: Say): Promise<void> {
  const { feed } = world.options
  const words = (await recordsOf(world.log, CONTROL)).flatMap(({ headers, value }) => {
    const control = decodeControl(headers, value)
    return control !== null && 'monitor' in control && control.monitor.model === model ? [control.monitor] : []
  })
  const [first, second] = words
  if (words.length !== 2 || second!.from === null) {
    say('one word a change', `${model}: ${JSON.stringify(words.map(({ version, from }) => [version, from]))}`)
    return
  }
  const change = second!.from
  const hashOf = ({ definition }: MonitorVersion): string => (JSON.parse(definition!) as Monitor).hash
  const versions = [
    { hash: hashOf(first!), segmented: feed.segmented, from: Number.NEGATIVE_INFINITY, until: change },
    { hash: hashOf(second!), segmented: !feed.segmented, from: change, until: Number.POSITIVE_INFINITY },
  ]
  for (const { hash, segmented, from, until } of versions) {
    const own = mine.filter(({ monitor }) => monitor.hash === hash)
    contents(own, expectedIn({ ...feed, segmented }, model, from, until), say)
    for (const { window, series, because } of own) {
      const straddles = window.start < change && window.end > change
      if (series.feature === '*' && straddles && because !== 'baseline-changed' && because !== 'end-of-input')
        say('windows over a change are not judged', `${model}: that until ${window.end}: ${because}`)
    }
  }
}

export type Say = (invariant: string, detail: string) => void

/** One id, one content, over every restart and zombie. Late and rejected records are told as of the newest markers, of which a crash makes more. */
export function byId(all: readonly VerdictEvent[], say: Say): Map<string, VerdictEvent> {
  const found = new Map<string, VerdictEvent>()
  const names = new Map<string, string>()
  for (const verdict of all) {
    const known = found.get(verdict.id)
    if (known !== undefined && comparable(known) !== comparable(verdict))
      say('one id, one content', `${nameOf(verdict)}: ${comparable(known)} and ${comparable(verdict)}`)
    found.set(verdict.id, verdict)
    const name = `${verdict.series.model}/${verdict.monitor.hash}/${nameOf(verdict)}`
    const id = names.get(name)
    if (id !== undefined && id !== verdict.id) say('one id, one content', `${name} has the ids ${id} and ${verdict.id}`)
    names.set(name, verdict.id)
  }
  return found
}

const comparable = ({ window: { late: _, rejected: __, ...window }, ...verdict }: VerdictEvent): string =>
  JSON.stringify({ ...verdict, window })

function nameOf({ window, series }: VerdictEvent): string {
  return `${window.end}/${window.revision}/${series.modelVersion}/${series.segment['payment'] ?? ''}/${series.feature}`
}

/** Windows, revisions and what they hold equal the oracle's. */
export function contents(mine: readonly VerdictEvent[], wanted: ReadonlyMap<string, Content>, say: Say): void {
  const found = new Set<string>()
  for (const verdict of mine) {
    if (verdict.series.feature === '*') continue
    const name = nameOf(verdict)
    found.add(name)
    const content = wanted.get(name)
    const seen = contentOf(verdict)
    if (content === undefined)
      say('content equals the oracle', `${name} is not wanted, and has ${JSON.stringify(seen)}`)
    else if (JSON.stringify(content) !== JSON.stringify(seen))
      say('content equals the oracle', `${name} has ${JSON.stringify(seen)}, not ${JSON.stringify(content)}`)
  }
  for (const name of wanted.keys()) if (!found.has(name)) say('content equals the oracle', `${name} is not there`)
}

/**
 * Where a partition was taken to be idle, or was added, a window may be told before rows that the oracle has in it. Its last revision has them all
 * if `reviseFor` is longer than the silence, else no more than them.
 */
function lastContents(
  mine: readonly VerdictEvent[],
  wanted: ReadonlyMap<string, Content>,
  all: boolean,
  say: Say,
): void {
  const last = (of: Iterable<[string, Content]>): Map<string, { revision: number; content: Content }> => {
    const found = new Map<string, { revision: number; content: Content }>()
    for (const [name, content] of of) {
      const [end, revision, ...series] = name.split('/')
      const window = [end, ...series].join('/')
      if (Number(revision) >= (found.get(window)?.revision ?? 0))
        found.set(window, { revision: Number(revision), content })
    }
    return found
  }
  const told = mine.filter(({ series }) => series.feature !== '*')
  const found = last(told.map(verdict => [nameOf(verdict), contentOf(verdict)]))
  const oracle = last(wanted)
  for (const [name, { content }] of found) {
    const most = oracle.get(name)?.content
    const isLess =
      most !== undefined && (Object.keys(most) as (keyof Content)[]).every(key => content[key] <= most[key])
    if (!isLess || (all && JSON.stringify(most) !== JSON.stringify(content)))
      say('content equals the oracle', `${name} has at last ${JSON.stringify(content)}, not ${JSON.stringify(most)}`)
  }
  if (all)
    for (const name of oracle.keys()) if (!found.has(name)) say('content equals the oracle', `${name} is not there`)
}

function contentOf({ window: { rows }, counters }: VerdictEvent): Content {
  const count = (name: string): number => {
    const share = (counters[name]?.window ?? 0) * rows
    const whole = Math.round(share)
    return Math.abs(share - whole) < 1e-6 ? whole : share
  }
  return { rows, missing: count('missing'), null: count('null'), type: count('type') }
}

/** Aggregated + late + rejected + not selected + gap = read, each as the oracle has it, by what stage 2 has been told. */
function sums(world: World, model: string, wanted: readonly object[], say: Say): void {
  for (const { monitor, collector } of world.evaluations) {
    if (monitor.model !== model) continue
    const { sources } = collector.state()
    for (const [partition, outcomes] of wanted.entries()) {
      const { length } = world.options.feed.partitions[partition]!
      const source = sources.find(one => one.partition === partition)
      const found = JSON.stringify({ read: source?.nextOffset, ...source?.counts })
      const all = JSON.stringify({ read: length, ...outcomes, gap: 0 })
      if (found !== all) say('sums of stage 1', `${model}, partition ${partition}: ${found}, not ${all}`)
    }
  }
}

/** Rows of all windows, each at its last revision, + expired = aggregated. */
function expiry(
  world: World,
  model: string,
  mine: readonly VerdictEvent[],
  wanted: number,
  mayExpire: boolean,
  say: Say,
): void {
  const last = new Map<string, VerdictEvent['window']>()
  for (const { series, window } of mine) {
    if (series.feature !== 'fare' || Object.keys(series.segment).length > 0) continue
    const key = `${series.modelVersion}/${window.end}`
    if (window.revision >= (last.get(key)?.revision ?? 0)) last.set(key, window)
  }
  const rows = [...last.values()].reduce((sum, window) => sum + window.rows, 0)
  const { size, advance } = world.options.feed.window
  for (const { monitor, collector } of world.evaluations) {
    if (monitor.model !== model) continue
    const { expired } = collector
    if (expired > 0 && !mayExpire) say('sums of stage 2', `${model}: ${expired} rows expired`)
    if (rows + expired * (size / advance) !== wanted)
      say('sums of stage 2', `${model}: windows have ${rows} rows and ${expired} expired, not ${wanted} in all`)
  }
}

/** A rebuild reads again at most size + grace + advance of event time. */
function replays(world: World, watermarks: ReadonlyMap<string, readonly (readonly number[])[]>, say: Say): void {
  const { size, grace, advance } = world.options.feed.window
  if (world.options.store !== null) return
  for (const { partition, committed, from } of world.takenOver) {
    if (committed === null || from >= committed) continue
    const reaches = [...watermarks.values()].map(all => {
      const marks = all[partition]!
      return marks[committed - 1]! - marks[from]!
    })
    if (reaches.every(reach => reach > size + grace + advance))
      say(
        'rebuild is bounded',
        `partition ${partition} was read again from ${from} to ${committed}: ${reaches.join()} ms`,
      )
  }
}

/** The bytes of a part are a function of the records that its task has read, whoever that was. */
async function partBytes({ log }: World, say: Say): Promise<void> {
  const known = new Map<string, Buffer>()
  for (const { headers, value } of await recordsOf(log, PANES)) {
    const message = decodeInternal(headers, value)
    if (message?.type !== 'part') continue
    const { model, modelVersion, pane, round, partition, nextOffset } = message.chunk.part
    const name = [model, modelVersion, pane, round, partition, nextOffset].join('/')
    const other = known.get(name)
    if (other !== undefined && !other.equals(value)) say('part bytes are a function of the prefix', name)
    known.set(name, value)
  }
}

/** Predictions with their labels, by model version and pane, equal the oracle's, whichever side was ahead. */
async function pairs({ log, options }: World, say: Say): Promise<void> {
  const wanted = expectedPairs(options.feed, HORIZON)
  const found = new Map<string, Pairs>()
  const sum = (counts: Float64Array): number => counts.reduce((all, one) => all + one, 0)
  for (const { model, modelVersion, pane, leaves } of await joinedPartsOf(log)) {
    const scores = leaves.find(({ segment }) => Object.keys(segment).length === 0)?.outputs[0] as
      | BinaryScores
      | undefined
    if (scores === undefined) continue
    const name = `${model}/${modelVersion}/${pane}`
    const before = found.get(name) ?? { n: 0, labelled: 0, positive: 0 }
    found.set(name, {
      n: before.n + sum(scores.n),
      labelled: before.labelled + sum(scores.labelled),
      positive: before.positive + sum(scores.positive),
    })
  }
  for (const name of new Set([...wanted.keys(), ...found.keys()])) {
    const [is, should] = [JSON.stringify(found.get(name)), JSON.stringify(wanted.get(name))]
    if (is !== should) say('pairs equal the oracle', `${name} has ${is}, not ${should}`)
  }
}

/** A replay of the panes gives the same verdicts, whatever the time it is. */
async function replayed(again: EmbeddedLog, once: ReadonlyMap<string, VerdictEvent>, say: Say): Promise<void> {
  const found = new Map((await verdictsOf(again)).map(verdict => [verdict.id, verdict]))
  for (const [id, verdict] of once) {
    const other = found.get(id)
    if (other === undefined) say('a replay gives the same', `${nameOf(verdict)} is not there`)
    else if (comparable(other) !== comparable(verdict))
      say('a replay gives the same', `${nameOf(verdict)}: ${comparable(other)}, not ${comparable(verdict)}`)
  }
  for (const [id, verdict] of found) if (!once.has(id)) say('a replay gives the same', `${nameOf(verdict)} is new`)
}

/** With a baseline: alerts and all that is kept between windows are as without a fault. */
async function decisions(world: World, calm: World, say: Say): Promise<void> {
  const told = async (log: EmbeddedLog): Promise<string[]> => {
    const events = (await decoded(log, ALERTS)).flatMap(one => (one.type === 'alert' ? [one.event as AlertEvent] : []))
    return [
      ...new Set(
        events.map(({ id, alertId, sequence, status, check, window }) =>
          JSON.stringify([id, alertId, sequence, status, check, window.end]),
        ),
      ),
    ].sort()
  }
  const [wanted, found] = [await told(calm.log), await told(world.log)]
  if (wanted.join() !== found.join())
    say('alerts are the same', `${found.length} steps of alerts, not ${wanted.length}: ${difference(wanted, found)}`)
  const state = (one: World): string[] =>
    one.evaluations
      .map(evaluation => {
        const { histories, alerts, resolved, incidents, versions, rows, lane } = evaluation.state()
        const { model } = evaluation.monitor
        const labels = lane && { ...lane, collector: null }
        return canonical({ model, histories: readable(histories), alerts, resolved, incidents, versions, rows, labels })
      })
      .sort()
  const [before, after] = [state(calm), state(world)]
  for (const [i, one] of before.entries())
    if (one !== after[i]) say('decision state is the same', apart('', JSON.parse(one), JSON.parse(after[i] ?? 'null')))
}

/** Keys of objects, and members of lists with a key, in text order: what has been restored has them in another, and leaves out what is null. */
function canonical(state: object): string {
  return JSON.stringify(state, (_, value: unknown) => {
    // Sums in another order.
    if (typeof value === 'number') return Number(value.toPrecision(9))
    if (Array.isArray(value) && value.every(one => typeof one?.key === 'string'))
      return [...value].sort((a, b) => (a.key < b.key ? -1 : 1))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const known = Object.entries(value).filter(([, one]) => one !== null)
    return Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** The first place where two values are not the same. */
function apart(path: string, a: unknown, b: unknown): string {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null)
    return `${path}: ${JSON.stringify(b)}, not ${JSON.stringify(a)}`
  const [one, other] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const key = [...Object.keys(one), ...Object.keys(other)].find(
    k => JSON.stringify(one[k]) !== JSON.stringify(other[k]),
  )
  return key === undefined ? `${path}: the order` : apart(`${path}.${key}`, one[key], other[key])
}

function difference(wanted: readonly string[], found: readonly string[]): string {
  const lost = wanted.filter(one => !found.includes(one))
  const more = found.filter(one => !wanted.includes(one))
  return `lost ${lost[0] ?? 'none'}, new ${more[0] ?? 'none'}`
}
