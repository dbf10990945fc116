import { z } from 'zod'
import { say } from '../words.js'
import { url } from './fields.js'

export const notify = z.strictObject({
  minSeverity: say(
    z.enum(['info', 'warn', 'major', 'critical']),
    'Alerts below it stay verdicts.',
    'one of info, warn, major, critical',
    'warn',
  ).default('info'),
  runbook: url('What to do when the model alerts.').optional(),
  link: url('Where to look, for example a dashboard.').optional(),
})
