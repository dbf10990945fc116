import type { FeatureBaseline } from '../../../src/core/baseline/baseline.js'
import { contractOf } from '../../../src/core/baseline/build.js'
import { type Profile, profileOf } from '../../../src/core/detect/profile.js'
import { hashBytes, utf8 } from '../../../src/core/dictionary.js'
import type { FeaturePlan } from '../../../src/core/plan.js'
import { INFINITE, Layout, NAN, NULL, NUMBER, NUMERIC_TEXT, Row, TEXT, WRONG_TYPE } from '../../../src/core/row.js'
import { FeatureSketch } from '../../../src/core/sketch/feature-sketch.js'
import type { SketchState } from '../../../src/core/sketch/state.js'
import { unplanned } from '../../../src/core/window/part-builder.js'
import { monitorOf } from '../world.js'

/** What a row holds of the feature; undefined where it is absent. */
export type Value = number | string | boolean | null | undefined

export type Kind = 'numeric' | 'categorical'

export interface Window {
  readonly profile: Profile
  readonly sketch: SketchState
}

const HOUR = 3_600_000

/** One feature, cut by its training values, through the real sketches. */
export class Lab {
  readonly contract: FeatureBaseline
  readonly training: Profile
  readonly #layout = new Layout(true, 1)
  readonly #row: Row
  readonly #plan: FeaturePlan
  readonly #texts = new Map<string, { bytes: Uint8Array; hash: number; id: number }>()

  constructor(
    readonly kind: Kind,
    training: readonly Value[],
  ) {
    this.#layout.add('x', kind)
    this.#row = new Row(this.#layout)
    const monitor = {
      ...monitorOf({ advance: HOUR, size: HOUR, grace: 0, revise: 0 }),
      features: new Map([['x', { kind, unit: null, importance: null, range: null, runbook: null, checks: {} }]]),
    }
    const first = this.#sketch(training, unplanned('x', kind))
    const [contract] = contractOf(monitor, first, new Map())
    const dictionary = this.#layout.slots[0].dictionary
    for (const value of contract.values) dictionary.add(value)
    this.#texts.clear()
    this.#plan = {
      name: 'x',
      kind,
      grid: contract.numeric?.grid ?? null,
      values: contract.values,
      cells: Int32Array.from(dictionary.values, text => contract.values.indexOf(text)),
      countDistinct: (first.numeric?.integers ?? 0) > 0.5 * (first.numeric?.count ?? 1),
    }
    const sketch = this.#sketch(training, this.#plan)
    this.contract = { ...contract, segments: new Map([['', { rows: training.length, sketch }]]) }
    this.training = profileOf(this.contract, { rows: training.length, sketch })
  }

  window(values: readonly Value[]): Window {
    const sketch = this.#sketch(values, this.#plan)
    return { sketch, profile: profileOf(this.contract, { rows: values.length, sketch }) }
  }

  #sketch(values: readonly Value[], plan: FeaturePlan): SketchState {
    const sketch = new FeatureSketch(plan)
    for (const value of values) {
      this.#fill(value)
      if (value !== undefined) sketch.observe(this.#row, 0)
    }
    const state = sketch.state('x')
    sketch.release()
    return state
  }

  #fill(value: Value): void {
    const row = this.#row
    if (value === undefined) return
    if (value === null) row.flags[0] = NULL
    else if (typeof value === 'number' && this.kind === 'numeric') {
      row.flags[0] = Number.isNaN(value) ? NAN : Number.isFinite(value) ? NUMBER : INFINITE
      row.numbers[0] = value
    } else if (this.kind === 'numeric') {
      row.flags[0] = typeof value === 'string' && Number.isFinite(Number(value)) ? NUMERIC_TEXT : WRONG_TYPE
    } else if (typeof value === 'boolean') row.flags[0] = WRONG_TYPE
    else this.#text(String(value))
  }

  #text(text: string): void {
    let known = this.#texts.get(text)
    if (known === undefined) {
      const bytes = utf8(text)
      const hash = hashBytes(bytes, 0, bytes.length)
      known = { bytes, hash, id: this.#layout.slots[0].dictionary.find(bytes, 0, bytes.length, hash) }
      this.#texts.set(text, known)
    }
    const row = this.#row
    row.flags[0] = TEXT
    row.bytes = known.bytes
    row.starts[0] = 0
    row.lengths[0] = known.bytes.length
    row.hashes[0] = known.hash
    row.categories[0] = known.id
  }
}
