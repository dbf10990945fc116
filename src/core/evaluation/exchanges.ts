import type { FeatureBaseline } from '../baseline/baseline.js'
import type { Seen } from '../detect/cause/seen.js'
import { type Exchange, exchangeOf } from '../detect/exchanged.js'
import { begin } from '../detect/history.js'
import type { Judgement, Subject } from '../detect/judgement.js'
import { seenOf } from '../detect/opening.js'
import { profileOf } from '../detect/profile.js'
import { isAge } from '../feature-age.js'
import type { View } from '../window/view.js'
import { seriesKey, type Version } from './case.js'
import type { Memory } from './memory.js'

/** The features of a view beside what they were, for those that look for the one that has their values. Made when the first of them does. */
export class Exchanges {
  #all: readonly Seen[] | null = null

  constructor(
    private readonly memory: Memory,
    private readonly all: Version,
    private readonly view: View,
  ) {}

  /** The feature that has changed places with this one; null: none has. */
  of(subject: Subject, { profile, scores, history }: Judgement): Exchange | null {
    const { contract } = subject
    if (profile === null || !this.#isServed(contract)) return null
    this.#all ??= [...this.#features(subject)]
    return exchangeOf(seenOf(subject, profile, history, scores), this.#all)
  }

  *#features(subject: Subject): Generator<Seen> {
    const { version, judge, contracts } = this.all
    const { rows, features, segment } = this.view
    for (const contract of contracts.values()) {
      const sketch = features.get(contract.name)
      if (sketch === undefined || !this.#isServed(contract)) continue
      const known = this.memory.histories.get(seriesKey(version, segment, contract.name))
      const history = known ?? begin(judge!.baseline.version, null)
      yield seenOf({ ...subject, contract }, profileOf(contract, { rows, sketch }), history, [])
    }
  }

  /** Events carry it: it is neither made of others nor an age. */
  #isServed({ name, origin }: FeatureBaseline): boolean {
    return origin === undefined && !isAge(this.memory.monitor, name)
  }
}
