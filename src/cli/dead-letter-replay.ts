import { encodeReplayNote, replayOf } from '../codec/dead-letter.js'
import { loadMonitors } from '../config/monitor.js'
import { DriftlineError } from '../core/error.js'
import type { OutgoingRecord } from '../core/ports.js'
import { type Rejection, UNREPAIRABLE } from '../core/rejection.js'
import type { KafkaLog } from '../log/kafka/kafka-log.js'
import { colours as pc } from './colours.js'
import { LetterCheck } from './dead-letter-check.js'
import { type Letter, type LetterOptions, letterFilter, Places, readLetters } from './dead-letter-reading.js'
import { withLog } from './event-reading.js'
import { table } from './output.js'
import { Progress } from './progress.js'
import { parseSince } from './since-option.js'
import { untilStopped } from './until-stopped.js'

export interface ReplayOptions extends LetterOptions {
  readonly deadLetters: string
  readonly monitors?: string
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly by: string
  readonly json?: boolean
}

/** Written back together, then noted together. */
const BATCH = 100

/** What became of a dead letter, in the words of the summary. */
type Fate = 'replayed' | 'replayed before' | 'a replay itself' | 'unrepairable' | 'still rejected' | 'topic is gone'

export async function replay(ids: readonly string[], options: ReplayOptions): Promise<void> {
  const check = options.monitors === undefined ? null : new LetterCheck(loadMonitors(options.monitors).monitors)
  const matches = letterFilter(options)
  const run = (signal: AbortSignal): Promise<Replaying> =>
    withLog(async log => {
      const one = new Replaying(log, ids, options, matches, check, signal)
      await one.run()
      return one
    })
  const replaying = await untilStopped(run, true)
  const missing = ids.filter(id => !replaying.found.has(id))
  if (options.json) process.stdout.write(`${replaying.json()}\n`)
  else process.stdout.write(`${replaying.text()}\n`)
  if (missing.length > 0)
    throw new DriftlineError(
      'bad-input',
      `no dead letter with the id ${missing.join(', ')} among those asked for; \`driftline dead-letters list\` shows those there are`,
    )
}

class Replaying {
  /** Ids that were asked for and are there. */
  readonly found = new Set<string>()
  /** By cause, then by what became of the letters. */
  readonly #fates = new Map<string, Map<Fate, number>>()
  readonly #reasons = new Map<string, number>()
  readonly #replayed = new Places()
  readonly #partitions = new Map<string, number | null>()
  readonly #waiting: { topic: string; record: OutgoingRecord; note: OutgoingRecord }[] = []
  #candidates = 0
  #seen = 0

  constructor(
    private readonly log: KafkaLog,
    private readonly ids: readonly string[],
    private readonly options: ReplayOptions,
    private readonly matches: (letter: Letter) => boolean,
    private readonly check: LetterCheck | null,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const { log, signal, options } = this
    const topic = options.deadLetters
    const since = parseSince('--since', options.since)
    // Both readings end where the topic ends now: a replay that is rejected again is not met again by this run.
    const reading = { log, topic, signal, since, ends: await log.offsets(topic) }
    await readLetters({
      ...reading,
      onLetter: letter => void (this.#isAsked(letter) && this.#candidates++),
      onNote: note => void this.#replayed.add(note),
    })
    const bar = new Progress('{bar} {percentage}% · {rows} dead letters · {eta_formatted} left', options.json)
    try {
      await readLetters({
        ...reading,
        onLetter: async letter => {
          if (!this.#isAsked(letter)) return
          await this.#one(letter)
          this.#seen++
          bar.update(this.#seen / this.#candidates, { rows: this.#seen })
        },
      })
      await this.#flush()
    } finally {
      bar.stop()
    }
  }

  text(): string {
    if (this.#fates.size === 0) return 'no dead letters to replay'
    const fates = [...new Set([...this.#fates.values()].flatMap(all => [...all.keys()]))].sort()
    const rows = [...this.#fates].map(([cause, all]) => [cause, ...fates.map(fate => String(all.get(fate) ?? ''))])
    const titles = fates.map(fate => (this.options.dryRun && fate === 'replayed' ? 'would be replayed' : fate))
    const reasons = [...this.#reasons].map(([reason, count]) => `${pc.yellow('left')} ${count}: ${reason}`)
    return [table(['cause', ...titles], rows), ...reasons].join('\n')
  }

  json(): string {
    const causes = Object.fromEntries([...this.#fates].map(([cause, all]) => [cause, Object.fromEntries(all)]))
    return JSON.stringify({ dryRun: this.options.dryRun ?? false, causes, left: Object.fromEntries(this.#reasons) })
  }

  #isAsked(letter: Letter): boolean {
    return this.matches(letter) && (this.ids.length === 0 || this.ids.includes(letter.id))
  }

  async #one(letter: Letter): Promise<void> {
    this.found.add(letter.id)
    const left = await this.#why(letter)
    this.#count(letter.cause, left?.fate ?? 'replayed')
    if (left !== null) {
      this.#reasons.set(left.reason, (this.#reasons.get(left.reason) ?? 0) + 1)
      return
    }
    const { topic, partition, offset } = letter
    const partitions = this.#partitions.get(topic)!
    const place = partition < partitions ? { partition } : {}
    const note = { topic, partition, offset, by: this.options.by, at: new Date().toISOString() }
    this.#waiting.push({
      topic,
      record: { ...replayOf(letter, letter.key, letter.value), ...place },
      note: encodeReplayNote(note),
    })
    if (this.#waiting.length >= BATCH) await this.#flush()
  }

  /** Null where nothing speaks against the replay. */
  async #why(letter: Letter): Promise<{ fate: Fate; reason: string } | null> {
    const { topic, cause } = letter
    if (!this.#partitions.has(topic)) this.#partitions.set(topic, await this.log.partitions(topic))
    if (this.#partitions.get(topic) === null)
      return { fate: 'topic is gone', reason: `there is no topic ${topic} any more` }
    if (this.options.force) return null
    if (this.#replayed.has(letter)) return { fate: 'replayed before', reason: 'replayed before (--force repeats it)' }
    if (letter.replayOf !== null)
      return { fate: 'a replay itself', reason: 'replays that were rejected again (--force tries once more)' }
    if (UNREPAIRABLE.has(cause as Rejection))
      return { fate: 'unrepairable', reason: `${cause}: no monitor can read such a record; correct its producer` }
    const still = (await this.check?.rejection(letter)) ?? null
    return still === null ? null : { fate: 'still rejected', reason: `${still} by the monitors of ${topic}` }
  }

  #count(cause: string, fate: Fate): void {
    const fates = this.#fates.get(cause) ?? new Map<Fate, number>()
    this.#fates.set(cause, fates.set(fate, (fates.get(fate) ?? 0) + 1))
  }

  /** The records first: a note without its record would lose it. */
  async #flush(): Promise<void> {
    const all = this.#waiting.splice(0)
    if (this.options.dryRun) return
    for (const topic of new Set(all.map(one => one.topic)))
      await this.log.append(
        topic,
        all.filter(one => one.topic === topic).map(({ record }) => record),
      )
    if (all.length > 0)
      await this.log.append(
        this.options.deadLetters,
        all.map(({ note }) => note),
      )
  }
}
