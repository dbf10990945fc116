import type { Plan } from './run.js'

/** A line that breaks a rule of DESIGN §3 or §4: the suite must see it. Each text must be in its file. */
export interface Mutant {
  readonly name: string
  readonly file: string
  readonly swaps: readonly (readonly [from: string, to: string])[]
  /** What has to happen in a run for it to be seen; drawn from the seed where absent. */
  readonly plan?: Partial<Plan>
}

/** Decision states of many series, written in several batches, by owners that stand still and die meanwhile. */
const JUDGED: Partial<Plan> = {
  ...{ judged: true, idles: false, grows: false, joined: false, deployed: false },
  ...{ kills: true, zombies: true, haunted: true, splits: true },
}

export const MUTANTS: readonly Mutant[] = [
  {
    name: 'marker before the acks of its parts',
    file: 'src/service/summarize-stage.ts',
    swaps: [
      ['    await this.#writer.publish([...final, ...open], encodePart)\n', ''],
      [
        '    if (marked) await this.#mark(task, due)\n',
        '    if (marked) await this.#mark(task, due)\n    await this.#writer.publish([...final, ...open], encodePart)\n',
      ],
    ],
  },
  {
    name: 'marker to one panes partition only',
    file: 'src/service/stage-writer.ts',
    swaps: [['lying[panesPartitionOf(progress.model, panesPartitions)]', 'lying[panesPartitions - 1]']],
  },
  {
    name: 'minimum over the partitions heard so far',
    file: 'src/core/window/sources.ts',
    swaps: [['this.announced > 0 && this.#sources.size >= this.announced', 'this.announced > 0']],
  },
  {
    name: 'parts dropped when their last window closes',
    file: 'src/core/window/collector.ts',
    swaps: [
      [
        'part.pane + 2 * this.window.sizeMs + this.window.reviseForMs + this.pastMs) continue',
        'part.pane + this.window.sizeMs) continue',
      ],
    ],
  },
  {
    name: 'no round start in the metadata',
    file: 'src/core/summarize.ts',
    swaps: [
      [
        '(this.currentRound > end + window.reviseForMs || offset < this.roundStart)',
        'this.currentRound > end + window.reviseForMs',
      ],
    ],
  },
  {
    name: 'restored parts taken as published',
    file: 'src/core/summarize.ts',
    swaps: [
      [
        '    this.#open.push(...opened)',
        '    for (const part of opened) part.told = part.rows\n    this.#open.push(...opened)',
      ],
      [
        '    return final.map(part => this.#close(part))',
        '    return final.filter(part => part.rows > part.told).map(part => this.#close(part))',
      ],
    ],
  },
  {
    name: 'last-read watermark',
    file: 'src/core/window/sources.ts',
    swaps: [
      ['    if (newer) {\n', '    if (newer || true) {\n'],
      ['Math.max(progress.watermark, known?.watermark ?? Number.NEGATIVE_INFINITY)', 'progress.watermark'],
    ],
  },
  {
    name: 'idle loses the tie',
    file: 'src/core/window/sources.ts',
    swaps: [[' || (nextOffset === known.nextOffset && progress.idle)', '']],
  },
  {
    name: 'a clock in stage 2',
    file: 'src/service/evaluate-stage.ts',
    swaps: [
      [
        'evaluation.steps(marker, progress)',
        'evaluation.steps(marker, progress.idle ? { ...progress, closeTo: this.options.clock.now() } : progress)',
      ],
    ],
  },
  {
    name: 'commit before the parts are written',
    file: 'src/service/summarize-stage.ts',
    swaps: [
      [
        '    await this.#writer.publish([...final, ...open], encodePart)\n',
        '    await this.#commit(task)\n    await this.#writer.publish([...final, ...open], encodePart)\n',
      ],
    ],
  },
  {
    name: 'the state written last counts, not the newest',
    file: 'src/service/state-table.ts',
    swaps: [['newest(editions, Number.POSITIVE_INFINITY) ?? NO_EDITION', '[...editions.keys()].at(-1) ?? NO_EDITION']],
  },
  {
    name: 'a changed monitor does not know the time',
    file: 'src/service/read-record.ts',
    swaps: [['task.vouched(one)', 'intake.vouched']],
  },
  {
    name: 'what a zombie writes among the histories stays',
    file: 'src/service/state-table.ts',
    swaps: [['table.#written.delete(state)', '{}']],
    plan: JUDGED,
  },
  {
    name: 'histories of a save that was cut short count',
    file: 'src/service/state-table.ts',
    swaps: [['edition => edition <= position)', 'edition => edition <= position || true)']],
    plan: JUDGED,
  },
  {
    name: 'a join goes back to a state that it has passed',
    file: 'src/service/join-stage.ts',
    swaps: [['isOurs && head.nextOffset <= task.position', 'false']],
    plan: { joined: true, idles: false, grows: false, judged: false, zombies: true, store: 'lost' },
  },
  {
    name: 'lateness off by one boundary',
    file: 'src/core/summarize.ts',
    swaps: [['round > end + window.reviseForMs', 'round >= end + window.reviseForMs']],
  },
]

/** The file's text with the rule broken. */
export function broken({ file, swaps }: Mutant, text: string): string {
  return swaps.reduce((changed, [from, to]) => {
    if (changed.split(from).length !== 2) throw new Error(`${file} has this not once: ${from}`)
    return changed.replace(from, () => to)
  }, text)
}
