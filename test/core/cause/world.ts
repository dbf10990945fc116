import type { Cause } from '../../../src/core/alert/event.js'
import { causeOf } from '../../../src/core/detect/cause/cause.js'
import type { Seen } from '../../../src/core/detect/cause/seen.js'
import { scoresOf } from '../../../src/core/detect/score.js'
import { type Random, seeded } from '../../random.js'
import { type Kind, Lab, type Value, type Window } from './lab.js'

/** A feature with a clean history, for one question at a time. */
export class Case {
  readonly lab: Lab
  readonly past: readonly Window[]
  readonly #random: Random

  constructor(
    kind: Kind,
    readonly draw: (random: Random) => Value,
    readonly n = 1000,
    seed = 7,
  ) {
    this.#random = seeded(seed)
    this.lab = new Lab(kind, this.rows(6000))
    this.past = Array.from({ length: 30 }, () => this.lab.window(this.rows()))
  }

  rows(n = this.n): Value[] {
    return Array.from({ length: n }, () => this.draw(this.#random))
  }

  /** Numbers of fresh rows, turned. */
  turned(turn: (x: number, random: Random) => Value, n = this.n): Value[] {
    return this.rows(n).map(value => (typeof value === 'number' ? turn(value, this.#random) : value))
  }

  chance(share: number): boolean {
    return this.#random.chance(share)
  }

  cause(rows: readonly Value[], more: Partial<Seen> = {}): Cause {
    return causeIn(this.lab, rows, { past: this.past.map(({ profile }) => profile), ...more })
  }
}

/** The cause of a window of these rows. */
export function causeIn(
  lab: Lab,
  rows: readonly Value[],
  { past, ...more }: Partial<Seen> & Pick<Seen, 'past'>,
): Cause {
  const { contract, training } = lab
  const { profile: now, sketch } = lab.window(rows)
  return causeOf({
    ...{ contract, now, past, training, startsWithVersion: false, unit: null },
    sketch: rows.every(value => value === undefined) ? null : sketch,
    scores: past.length === 0 ? [] : scoresOf(contract, now, past, contract.segments.get('')!),
    ...more,
  })
}
