import type { Baseline } from '../baseline/baseline.js'
import type { Monitor } from '../monitor.js'
import type { Layout } from '../row.js'
import type { Derivation } from './derivation.js'
import { JointProjections, type JointSlot } from './joint.js'

/** The baseline without the series that the monitor does not want. */
export function watchedBy(monitor: Pick<Monitor, 'joint'>, baseline: Baseline): Baseline {
  if (monitor.joint !== 'none') return baseline
  return { ...baseline, features: baseline.features.filter(({ origin }) => origin?.what !== 'joint') }
}

/** What fills the slots of the baselines' derived series. A series that two baselines share is filled once. */
export function derivationsOf(layout: Layout, baselines: readonly Baseline[]): Derivation[] {
  const joints = new Map<number, JointSlot>()
  for (const { name, origin } of baselines.flatMap(({ features }) => features)) {
    const slot = layout.indexOf(name)
    if (origin?.what === 'joint' && !joints.has(slot)) joints.set(slot, { slot, joint: origin })
  }
  return joints.size === 0 ? [] : [new JointProjections(layout, [...joints.values()])]
}
