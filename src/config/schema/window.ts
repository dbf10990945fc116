import { z } from 'zod'
import { say } from '../words.js'
import { count, duration } from './fields.js'

export const windowSpec = z.strictObject({
  size: duration('Length of a window; a multiple of advance.', '1h').prefault('1h'),
  advance: duration('Step from one window to the next. Absent: size (tumbling windows).', '15m').optional(),
  grace: duration('How long past its end a window waits for late events; 0s for none.', '5m', 'zero').prefault('5m'),
  reviseFor: duration(
    'How long later events still revise a verdict; a multiple of advance, 0s for never. Absent: 1d, rounded up to a multiple of advance.',
    '1d',
    'zero',
  ).optional(),
  minRows: count(
    1,
    1e9,
    'Fewer usable values than this say insufficient-data. Absent: 200 against training, 50 against the series’ own history.',
    '200',
  ).optional(),
})

export const timezone = say(
  z.string().refine(isTimezone),
  'IANA time zone whose clocks the slots of the week follow, summer time included.',
  'an IANA time zone such as America/Chicago or UTC',
  'America/Chicago',
)

function isTimezone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch {
    return false
  }
}
