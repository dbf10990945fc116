import { JoinedPartAssembler } from '../codec/joined-part.js'
import { PairPartAssembler } from '../codec/pair-part.js'
import { PartAssembler } from '../codec/part.js'
import type { Evaluation } from '../core/evaluate.js'
import type { EvaluationState } from '../core/evaluation/memory.js'
import type { PairPart } from '../core/join/pair-parts.js'
import type { ParityPart } from '../core/parity/window.js'
import type { JoinedPart } from '../core/performance/joined-part.js'
import type { TopicPartition } from '../core/ports.js'
import type { ShadowPart } from '../core/shadow/window.js'
import type { Collector, CollectorState } from '../core/window/collector.js'
import type { Part, PartHead } from '../core/window/part.js'
import { partKey } from '../core/window/part-key.js'
import type { WholeState } from './state-table.js'
import { Turns } from './turns.js'

/** Of a restored state: all else of it, its histories above all, is the evaluation's, which moves on. */
type Before = Pick<EvaluationState, 'collector' | 'lane' | 'parity' | 'shadow'>

function beforeOf({ collector, lane, parity, shadow }: EvaluationState): Before {
  return { collector, lane, parity, shadow }
}

/**
 * Where in the panes a part lies that a collector may still hold. Not the part: they come in another order than that in which they are let go, the more
 * so the farther the source partitions are apart.
 */
interface Held {
  readonly offset: number
  readonly key: string
  readonly collector: { holds(key: string): boolean }
}

/** One monitor version's evaluation, with what a restart must read again. */
export class Judging {
  readonly assembler = new PartAssembler()
  readonly joinedAssembler = new JoinedPartAssembler()
  readonly pairAssembler = new PairPartAssembler()
  /** Windows were closed since the state was saved. */
  changed = false
  /** Any message was taken since. */
  touched = false
  /** No message has been taken, and there was no state to restore. */
  fresh: boolean
  /** Every message below it is in the saved state. */
  savedTo: number
  /** Messages below it are in the restored state; 0 where none was. */
  readonly restoredTo: number
  /** What the restored state says of the parts that it counts; null where none was, or once all of them have been put back. */
  #before: Before | null
  /** Of the parts that were held, of rows and of joined rows, oldest first. */
  readonly #held: Held[] = []

  /** @param restored messages below its position are in the evaluation; their parts are only put back */
  constructor(
    readonly evaluation: Evaluation,
    restored: WholeState | null,
    start: number,
  ) {
    this.savedTo = Math.max(start, restored?.position ?? start)
    this.fresh = restored === null
    this.restoredTo = restored?.position ?? 0
    this.#before = restored && beforeOf(restored.state)
  }

  part(part: Part, offset: number): void {
    this.touched = true
    const before = this.#restored(offset)
    if (before !== null) this.evaluation.collector.reload(part, before.collector)
    else this.evaluation.add(part)
    this.#note(part, offset, this.evaluation.collector)
  }

  /** Of joined rows; nobody waits for those of a monitor that declares no labels. */
  joined(part: JoinedPart, offset: number): void {
    const { lane } = this.evaluation
    if (lane !== null) this.#collect(lane.collector, this.#restored(offset)?.lane, part, offset)
  }

  /** Of pairs; likewise. */
  paired(part: PairPart, offset: number): void {
    const { parity, shadow } = this.evaluation
    const before = this.#restored(offset)
    if (part.join === 'shadow') {
      if (shadow !== null) this.#collect(shadow.collector, before?.shadow, part as ShadowPart, offset)
    } else if (parity !== null) this.#collect(parity.collector, before?.parity, part as ParityPart, offset)
  }

  #collect<P extends PartHead>(
    collector: Collector<P>,
    before: { readonly collector: CollectorState } | null | undefined,
    part: P,
    offset: number,
  ): void {
    this.touched = true
    if (before != null) collector.reload(part, before.collector)
    else collector.add(part)
    this.#note(part, offset, collector)
  }

  #note(part: PartHead, offset: number, collector: Held['collector']): void {
    const key = partKey(part)
    if (collector.holds(key)) this.#held.push({ offset, key, collector })
  }

  /** What the restored state says of the message's part; null where the message came after it, and so will all that follow. */
  #restored(offset: number): Before | null {
    if (offset >= this.restoredTo) this.#before = null
    return this.#before
  }

  /** Whether all parts of the restored state have been put back. Before, it is ahead of what has been read and must not be saved. */
  isWhole(position: number): boolean {
    return position >= this.restoredTo
  }

  /** Offset of the oldest message with parts that the state at `position` counts; at most `position`. */
  counts(position: number): number {
    const held = this.#held
    while (held.length > 0 && !held[0].collector.holds(held[0].key)) held.shift()
    const assemblers = [this.assembler, this.joinedAssembler, this.pairAssembler]
    const open = [held[0]?.offset, ...assemblers.map(({ oldest }) => oldest)]
    return Math.min(position, ...open.map(offset => offset ?? position))
  }

  /** Offset of the oldest message that a restart needs, at most `position`. */
  oldest(position: number): number {
    return Math.min(this.counts(position), this.touched ? this.savedTo : position)
  }
}

/** One panes partition. */
export class PanesTask {
  readonly turns = new Turns()
  /** By `model/monitor version`. */
  readonly judging = new Map<string, Judging>()
  lastCommitAt = 0
  revoked = false
  constructor(
    readonly at: TopicPartition,
    public position: number,
  ) {}
}
