import { describe, expect, it } from 'vitest'
import { EventMember } from '../../src/client/event-member.js'
import type { Handlers } from '../../src/client/subscribe.js'
import { PublicDecoder } from '../../src/codec/public-decoder.js'
import { jsonEncoder } from '../../src/codec/public-encoder.js'
import type { DriftlineError } from '../../src/core/error.js'
import type { OutgoingRecord } from '../../src/core/ports.js'
import { EmbeddedLog } from '../../src/log/embedded.js'
import { alertSample } from './alert-sample.js'
import { incidentSample } from './incident-sample.js'

const encoder = jsonEncoder()

/** A member on the embedded log, with all that its handlers and its teller were handed. */
async function subscribed(handlers: (seen: string[]) => Handlers, records: readonly OutgoingRecord[]) {
  const seen: string[] = []
  const told: DriftlineError[] = []
  const log = new EmbeddedLog({ clock: { now: () => 0 }, topics: [{ name: 'alerts', partitions: 1 }] })
  const tell = (error: DriftlineError): void => void told.push(error)
  const member = new EventMember(new PublicDecoder(null), handlers(seen), {}, { hasRegistry: false, tell, failed() {} })
  await log.append('alerts', records)
  member.commits(await log.join('group', ['alerts'], member, { start: 'earliest' }))
  await log.run()
  return { seen, told, stats: member.stats }
}

const both = (seen: string[]): Handlers => ({
  onAlert: ({ alertId, sequence }, { gap }) => void seen.push(`${alertId} ${sequence} gap ${gap}`),
  onIncident: ({ incidentId, sequence }, { gap }) => void seen.push(`${incidentId} ${sequence} gap ${gap}`),
})

describe('alerts and incidents of one subscription', () => {
  it('go each to its handler, in the order of the topic, duplicates and older ones left out', async () => {
    const records = [
      encoder.incident(incidentSample()),
      encoder.alert(alertSample()),
      encoder.incident(incidentSample()),
      encoder.incident(incidentSample({ sequence: 3, status: 'ongoing' })),
      encoder.incident(incidentSample({ sequence: 2, status: 'ongoing' })),
      // An alert and an incident of one name are two.
      encoder.alert(alertSample({ alertId: 'i1', id: 'another' })),
    ]
    const { seen, told, stats } = await subscribed(both, records)
    expect(seen).toEqual(['i1 1 gap 0', 'a1 1 gap 0', 'i1 3 gap 1', 'i1 1 gap 0'])
    expect(stats).toMatchObject({ read: 6, handled: 4, duplicates: 2, foreign: 0 })
    expect(told).toEqual([])
  })

  it('are passed over where nobody asked for them', async () => {
    const records = [encoder.incident(incidentSample()), encoder.alert(alertSample())]
    const alerts = await subscribed(seen => ({ onAlert: ({ alertId }) => void seen.push(alertId) }), records)
    expect([alerts.seen, alerts.stats.foreign]).toEqual([['a1'], 1])
    const incidents = await subscribed(seen => ({ onIncident: one => void seen.push(one.incidentId) }), records)
    expect([incidents.seen, incidents.stats.foreign]).toEqual([['i1'], 1])
  })

  it('that cannot be read are skipped and told', async () => {
    const broken = { ...encoder.incident(incidentSample()), value: Buffer.from('{') }
    const { seen, told, stats } = await subscribed(both, [broken, encoder.alert(alertSample())])
    expect(seen).toEqual(['a1 1 gap 0'])
    expect(told[0].message).toMatch(/alerts\/0, offset 0 is no incident event/)
    expect(stats.unreadable).toBe(1)
  })
})
