import type { IncidentEvent } from './incident-event.js'
import type { Member } from './incident-state.js'
import { names } from './likely-cause.js'
import { isFiring } from './membership.js'
import type { Grown } from './merging.js'

/** Why there is an event, in words. @param worse what its severity rose to */
export function reasonOf(
  status: IncidentEvent['status'],
  { state: { members, openedAt, owed }, joined, explained, mergedFrom, mergedInto }: Grown,
  firing: number,
  worse: string | null,
  end: number,
): string {
  if (mergedInto !== undefined)
    return `one event with incident ${mergedInto}, which goes on with ${count(firing, 'alert')} of this one`
  if (status === 'firing')
    return owed ? `${count(firing, 'alert')} firing after a mute` : `${count(joined.length, 'alert')} opened`
  if (status === 'retracted') return `late events took back ${count(members.length, 'alert')}: there was nothing`
  if (status === 'resolved') return `the last of ${count(members.length, 'alert')} resolved`
  if (mergedFrom !== undefined)
    return mergedFrom
      .map(one => `incident ${one.incidentId} is one event with it: ${featuresOf(one.members.filter(isFiring))}`)
      .join('; ')
  if (joined.length > 0) {
    const again = members.every(one => joined.includes(one) || !isFiring(one)) ? ', after its end' : ''
    return `${count(joined.length, 'alert')} joined: ${featuresOf(joined)}${again}`
  }
  if (worse !== null) return `severity rose to ${worse}`
  if (explained.length > 0) return `the cause is clearer now: ${featuresOf(explained)}`
  if (owed) return `${count(firing, 'alert')} still firing after a mute`
  return `${count(firing, 'alert')} firing since ${new Date(openedAt).toISOString()}, until ${new Date(end).toISOString()}`
}

function featuresOf(members: readonly Member[]): string {
  return names([...new Set(members.map(({ feature }) => feature))].map(feature => ({ feature })))
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
