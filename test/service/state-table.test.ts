import { expect, it } from 'vitest'
import type { History } from '../../src/core/detect/history.js'
import { Profile } from '../../src/core/detect/profile.js'
import { Evaluation } from '../../src/core/evaluate.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { ids } from '../../src/service/ids.js'
import { StateTable, type WholeState } from '../../src/service/state-table.js'
import { STATE } from '../../src/service/topics.js'
import { HOUR, monitorOf, T0 } from './rides.js'

const monitor = monitorOf({})
const { model, version } = monitor

/** Of series with one window each, of so many rows; more than one record of the window holds where there are 700. */
function stateOf(position: number, series: number, rows: number): WholeState {
  const profile = Profile.of({
    ...{ rows, count: rows, counters: [], cells: new Float64Array(0), distinct: 0, shape: null },
    tops: { values: new Float64Array(0), counts: new Float64Array(0) },
  })
  const history: History = {
    ...{ baseline: 1, former: [], during: [], calibrated: false, beyond: [], seen: 1 },
    past: [{ start: T0, end: T0 + HOUR, profile }],
  }
  const around = { ids, software: 'test', alertsFrom: 0 }
  const histories = Array.from({ length: series }, (_, s) => ({ key: `v1||feature ${1000 + s - series}`, history }))
  const state = { ...new Evaluation(monitor, around).state(), histories }
  return { model, monitor: version, position, oldest: position, state }
}

/**
 *     40   w/0 w/1 h0 state     700 series
 *     70   w/0 h0 state │ w/1 ✗   the last 300 of them, revised; what it takes back stays
 */
it('reads the profiles that were written last, where a save was cut short before it had taken back what it replaced', async () => {
  const log = new EmbeddedLog({ clock: { now: () => T0 }, topics: [{ name: STATE, partitions: 1 }] })
  const cut = {
    follow: log.follow.bind(log),
    append: (topic: string, records: readonly OutgoingRecord[]) =>
      log.append(
        topic,
        records.filter(({ value }) => value !== null),
      ),
  }
  const owner = await StateTable.follow(cut)
  await owner.save(0, [stateOf(40, 700, 8)])
  await owner.states(() => true)
  await owner.save(0, [stateOf(70, 300, 9)])
  const [restored] = await (await StateTable.follow(log)).states(() => true)
  const { histories } = restored!.state
  expect(restored!.position).toBe(70)
  expect(histories.map(({ key }) => key)).toEqual(stateOf(70, 300, 9).state.histories.map(({ key }) => key))
  expect(new Set(histories.map(({ history }) => history.past[0]!.profile.rows))).toEqual(new Set([9]))
})
