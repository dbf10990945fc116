import { decodeInternal, type Internal } from '../codec/internal.js'
import { openedPart } from '../codec/pair-part.js'
import type { Answer } from '../core/alert/answer.js'
import { NOT_WATCHED } from '../core/alert/ends.js'
import type { Evaluation } from '../core/evaluate.js'
import type { Batch, Committed, GroupMember, Membership, Offsets, TopicPartition } from '../core/ports.js'
import type { Marker } from '../core/window/marker.js'
import type { PartHead } from '../core/window/part.js'
import type { Judging, PanesTask } from './judging.js'
import { Outbox } from './outbox.js'
import { keyOf } from './roster.js'
import { enrolledIn, judgingOf, type PanesOptions, takeOverPanes } from './take-over-panes.js'

/** A model whose windows do not close still has its state saved this often, so that the commit can move on. */
const SAVE_EVERY_MS = 30_000

/** Verdicts that wait for the end of their batch, beside those of one window: enough for a write of their own, so that a window does not wait for revisions of others. */
const MOST_WAITING = 200

/**
 * Stage 2: collect parts → close windows → judge → publish alert events and verdicts, then the decision state, then the commit. A crash in
 * between repeats events with the ids they had.
 */
export class EvaluateStage implements GroupMember {
  readonly #tasks = new Map<number, PanesTask>()
  #membership: Membership | null = null
  /** Monitor versions whose parts are passed over, each told once. */
  readonly #strangers = new Set<string>()

  constructor(private readonly options: PanesOptions) {}

  joined(membership: Membership): void {
    this.#membership = membership
  }

  async assigned(at: TopicPartition, committed: Committed | null, bounds: Offsets, start: number): Promise<number> {
    const task = await takeOverPanes(at, { committed, bounds, start }, this.options)
    this.#tasks.set(at.partition, task)
    return task.position
  }

  revoked(at: TopicPartition): void {
    const task = this.#tasks.get(at.partition)
    if (task !== undefined) task.revoked = true
    this.#tasks.delete(at.partition)
  }

  async batch(batch: Batch, heartbeat: () => Promise<void>): Promise<void> {
    const task = this.#tasks.get(batch.partition)
    if (task === undefined) return
    await task.turns.run(async () => {
      const outbox = new Outbox(this.options)
      if (batch.size > 0) this.#recall(task, batch.timestamp(0))
      for (let i = 0; i < batch.size; i++) {
        const offset = batch.offset(i)
        if (offset < task.position) continue
        const message = decodeInternal(batch.headers(i), batch.value(i))
        if (message === null)
          this.options.logger.error({ ...task.at, offset }, 'a message of driftline.panes cannot be read; passed over')
        else {
          if (message.type === 'part') await this.#introduce(task, message.chunk.part, message.chunk.part.baselines)
          if (message.type === 'joined-part' || message.type === 'pair-part')
            await this.#introduce(task, message.chunk.part, [])
          await this.#message(task, message, offset, outbox, heartbeat)
        }
        task.position = offset + 1
      }
      task.position = Math.max(task.position, batch.nextOffset)
      await heartbeat()
      await outbox.publish()
      await this.#save(task)
    })
  }

  /** Models whose windows are judged here, for `/ready` and `status`. */
  get evaluations(): readonly Evaluation[] {
    return [...this.#tasks.values()].flatMap(task => [...task.judging.values()].map(({ evaluation }) => evaluation))
  }

  /** The word about a monitor is given before its first part is written, but may reach this instance after it. */
  async #introduce(task: PanesTask, { model, monitor }: PartHead, baselines: readonly number[]): Promise<void> {
    const key = keyOf(model, monitor)
    const { knowledge } = this.options
    const known = knowledge.baselines(model)
    if (baselines.some(version => !known.some(baseline => baseline.version === version))) await knowledge.catchUp()
    if (task.judging.has(key) || this.#strangers.has(key)) return
    await this.options.knowledge.catchUp()
    if (task.judging.has(key)) return
    this.#strangers.add(key)
    this.options.logger.warn({ model, monitor }, 'parts of a monitor version that nobody runs any more; passed over')
  }

  async #message(
    task: PanesTask,
    message: Internal,
    offset: number,
    outbox: Outbox,
    heartbeat: () => Promise<void>,
  ): Promise<void> {
    if (message.type === 'marker') await this.#marker(task, message.marker, offset, outbox, heartbeat)
    else if (message.type === 'answer') this.#answer(task, message.answer, offset, outbox)
    else if (message.type === 'joined-part') {
      const judging = task.judging.get(keyOf(message.chunk.part.model, message.chunk.part.monitor))
      const part = judging?.joinedAssembler.add(message.chunk, offset)
      if (part != null) judging!.joined(part, offset)
    } else if (message.type === 'pair-part') {
      const judging = task.judging.get(keyOf(message.chunk.part.model, message.chunk.part.monitor))
      const whole = judging?.pairAssembler.add(message.chunk, offset)
      const part = whole == null ? null : openedPart(whole)
      if (part !== null) judging!.paired(part, offset)
    } else if (message.type === 'activation') {
      for (const { evaluation } of task.judging.values())
        if (evaluation.monitor.model === message.activation.model) evaluation.activate(message.activation)
    } else {
      const judging = task.judging.get(keyOf(message.chunk.part.model, message.chunk.part.monitor))
      const part = judging?.assembler.add(message.chunk, offset)
      if (judging === undefined || part == null) return
      judging.part(part, offset)
      this.options.metrics.windowRows.inc({ model: part.model }, part.rows)
    }
  }

  /**
   * A marker closes a window and those that it revises, after an outage very many: what is said of one does not wait for the last, and other models have
   * their turn in between; said twice after a crash it has the same ids. The windows of very many series take longer than a session of the group lasts.
   */
  async #marker(
    task: PanesTask,
    marker: Marker,
    offset: number,
    outbox: Outbox,
    heartbeat: () => Promise<void>,
  ): Promise<void> {
    for (const progress of marker.monitors) {
      const { model, monitor } = progress
      const judging = task.judging.get(keyOf(model, monitor))
      if (judging === undefined || offset < judging.restoredTo) continue
      judging.touched = true
      const { evaluation } = judging
      const before = evaluation.boundary(marker, progress)
      const timer = this.options.metrics.close.startTimer({ model })
      for (const step of evaluation.steps(marker, progress)) {
        outbox.add(step)
        if (!step.more && outbox.size > MOST_WAITING) await outbox.publish()
        await heartbeat()
      }
      if (evaluation.boundary(marker, progress) === before) continue
      timer()
      judging.changed = true
      this.#meter(evaluation)
    }
  }

  /** Who begins anew (a changed monitor, say) learns what was muted before its first message was written. */
  #recall(task: PanesTask, before: number): void {
    for (const judging of task.judging.values()) {
      if (!judging.fresh) continue
      judging.fresh = false
      const { evaluation } = judging
      evaluation.learn(this.options.knowledge.answers(evaluation.monitor.model).filter(({ at }) => at < before))
    }
  }

  #answer(task: PanesTask, answer: Answer, offset: number, outbox: Outbox): void {
    for (const judging of task.judging.values()) {
      const { evaluation, restoredTo } = judging
      if (evaluation.monitor.model !== answer.model || offset < restoredTo) continue
      judging.touched = true
      judging.changed = true
      const decisions = evaluation.answer(answer)
      outbox.add(decisions)
      this.#meter(evaluation)
      const { id, action, model, alertId, scope, by } = answer
      this.options.logger.info({ id, action, model, alertId, scope, by, ended: decisions.alerts.length }, 'answer')
    }
  }

  /** Decision state after a close, then the commit: the oldest offset that any model here still needs. */
  async #save(task: PanesTask): Promise<void> {
    const { clock } = this.options
    const all = [...task.judging.values()]
    const due = clock.now() - task.lastCommitAt >= SAVE_EVERY_MS
    const { position } = task
    const saved = all.filter(judging => judging.isWhole(position) && (judging.changed || (due && judging.touched)))
    // Another owner's state may be further already.
    if (saved.length === 0 || task.revoked) return
    await this.#write(task, saved)
    for (const judging of saved) Object.assign(judging, { changed: false, touched: false, savedTo: position })
    task.lastCommitAt = clock.now()
    const oldest = Math.min(position, ...all.map(judging => judging.oldest(position)))
    await this.#membership?.commit(task.at, oldest, '')
  }

  async #write({ at, position }: PanesTask, judgings: readonly Judging[]): Promise<void> {
    await this.options.states.save(
      at.partition,
      judgings.map(judging => {
        const { evaluation } = judging
        const { model, version } = evaluation.monitor
        return { model, monitor: version, position, oldest: judging.counts(position), state: evaluation.state() }
      }),
    )
  }

  /** Baselines and monitors became known. From when a baseline judges is said by activations in the panes topic. */
  learn(): void {
    for (const task of this.#tasks.values()) {
      const enrolled = enrolledIn(task.at, this.options)
      for (const one of enrolled) {
        const { monitor, ranges } = one
        const key = keyOf(monitor.model, monitor.version)
        const known = task.judging.get(key)
        if (known === undefined) task.judging.set(key, judgingOf(one, null, task.position, this.options))
        else {
          known.evaluation.monitor = monitor
          known.evaluation.ranges.become(ranges)
        }
      }
      const current = new Set(enrolled.map(({ monitor }) => keyOf(monitor.model, monitor.version)))
      for (const [key, judging] of task.judging) if (!current.has(key)) this.#leave(task, key, judging)
    }
    for (const evaluation of this.evaluations)
      evaluation.know(this.options.knowledge.baselines(evaluation.monitor.model))
  }

  /** Nobody watches it any more: what still fires is ended. A forgotten model's state goes after the last time it was saved here. */
  #leave(task: PanesTask, key: string, judging: Judging): void {
    const { metrics, states, logger } = this.options
    const { evaluation } = judging
    const { model } = evaluation.monitor
    task.judging.delete(key)
    if (!this.evaluations.some(({ monitor }) => monitor.model === model))
      for (const gauge of [metrics.firing, metrics.expired, metrics.watermarkDelay]) gauge.remove({ model })
    void task.turns
      .run(async () => {
        if (task.revoked) return
        const outbox = new Outbox(this.options)
        outbox.add(evaluation.end(this.#whyLeft(model)))
        await outbox.publish()
        if (this.#isForgotten(model)) await states.forget(task.at.partition, key)
        // If it comes back, after a restart too, what has ended shall not end again.
        else if (!task.judging.has(key)) await this.#write(task, [judging])
      })
      .catch(error =>
        logger.error({ model, err: (error as Error).message }, 'what is left of a watch that is over stays'),
      )
  }

  /** A word that ends the watch stays; only forgetting leaves none. */
  #isForgotten(model: string): boolean {
    return this.options.knowledge.monitors(model).length === 0
  }

  #whyLeft(model: string): string {
    const word = this.options.knowledge.forgotten().findLast(one => one.model === model)
    if (!this.#isForgotten(model) || word === undefined) return NOT_WATCHED
    return `the model was forgotten by ${word.by}${word.note === null ? '' : `: ${word.note}`}`
  }

  #meter({ monitor, collector, firing }: Evaluation): void {
    const { metrics, clock } = this.options
    const { model } = monitor
    metrics.firing.set({ model }, firing.length)
    metrics.expired.set({ model }, collector.expired)
    if (Number.isFinite(collector.watermark))
      metrics.watermarkDelay.set({ model }, (clock.now() - collector.watermark) / 1000)
  }
}
