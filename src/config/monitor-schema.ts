import { z } from 'zod'
import { feature } from './schema/feature.js'
import { number, text, value } from './schema/fields.js'
import { labels } from './schema/labels.js'
import { limits } from './schema/limits.js'
import { notify } from './schema/notify.js'
import { offline } from './schema/offline.js'
import { privacy } from './schema/privacy.js'
import { segment } from './schema/segment.js'
import { serving } from './schema/serving.js'
import { shadow } from './schema/shadow.js'
import { source } from './schema/source.js'
import { task } from './schema/task.js'
import { timezone, windowSpec } from './schema/window.js'
import { say } from './words.js'

/** One false incident in ten years: no history tells of rarer ones. */
const FEWEST_FALSE = 0.002

/** A monitor file. Type, default and description stand together; JSON Schema for editors and the loader's messages come from here. */
export const monitorSchema = z
  .strictObject({
    apiVersion: say(z.literal('driftline/v1'), 'Version of this format.', 'driftline/v1', 'driftline/v1'),
    model: say(
      z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/),
      'Name of the model, as events and baselines carry it. One monitor a model.',
      'a name of letters, digits, ".", "_" and "-", at most 128',
      'taxi-tips',
    ),
    owner: text('Who is told.', 'text', 'pricing-ml').optional(),
    tags: say(
      z.record(z.string(), value('The value of a tag.')),
      'Copied into every event, for routing.',
      'a map of texts',
      '{ tier: gold }',
    ).prefault({}),
    mode: say(z.enum(['alert', 'observe']), 'observe: verdicts, but no alerts.', 'alert or observe', 'alert').default(
      'alert',
    ),
    task: task.optional(),
    serving,
    labels: labels.optional(),
    offline: offline.optional(),
    shadow: say(
      shadow,
      'Two model versions that are compared with each other, and how far the challenger may differ from the champion.',
      'a map with champion and challenger',
      '{ champion: v12, challenger: v13 }',
    ).optional(),
    window: windowSpec.prefault({}),
    timezone: timezone.default('UTC'),
    seasons: say(
      z.enum(['auto', 'none', 'hour-of-week', 'weekday-hour']),
      'Slots of the week that windows are compared by: auto, each series by those that its history shows to foretell it better; none; each hour of the week; each hour of weekdays and of the weekend.',
      'one of auto, none, hour-of-week, weekday-hour',
      'auto',
    ).default('auto'),
    baseline: say(
      z.union([z.enum(['active', 'first-windows']), z.int().min(1)]),
      'What windows are compared with: the active baseline, a version of it, or the first 14 sufficient windows.',
      'active, first-windows, or a version (a whole number from 1)',
      'active',
    ).default('active'),
    segments: say(
      z.record(z.string().min(1), segment),
      'Dimensions (at most 4) whose values are watched on their own: name → { top }, { values } or { path, … }.',
      'a map of dimensions',
      '{ payment_type: { top: 8 } }',
    ).prefault({}),
    features: say(
      z.record(z.string().min(1), feature),
      'What is known of single features; all others are inferred from the baseline.',
      'a map of feature names',
      '{ trip_miles: { importance: 0.4 } }',
    ).prefault({}),
    joint: say(
      z.enum(['auto', 'random', 'none']),
      'Series that watch how numeric features go together, made when the baseline is loaded: auto, of the relations that the training rows have; random, also of seeded random directions, for relations that they do not have.',
      'one of auto, random, none',
      'auto',
    ).default('auto'),
    sources: say(
      z.record(z.string().min(1), source),
      'Upstream systems and their features.',
      'a map of sources',
    ).prefault({}),
    falseIncidents: z
      .strictObject({
        perWeek: number(
          'Incidents a week that may be false.',
          `a number from ${FEWEST_FALSE} on`,
          '1',
          x => x >= FEWEST_FALSE,
        )
          .default(1)
          .meta({ minimum: FEWEST_FALSE }),
      })
      .prefault({}),
    limits: limits.prefault({}),
    privacy: privacy.prefault({}),
    notify: notify.prefault({}),
  })
  .meta({ title: 'Driftline monitor', description: 'What is watched of one model, and where its events lie.' })

export type MonitorFile = z.output<typeof monitorSchema>
