import { z } from 'zod'
import { count } from './schema/fields.js'
import { say } from './words.js'

const text = (description: string, example?: string) => say(z.string().min(1), description, 'text', example)

const configValue = z.union([z.string().min(1), z.number(), z.boolean()]).transform(String)

const schemaFile = say(
  z.string().regex(/^[\w./-]+\.avsc$/),
  'Avro schema of the values, relative to the folder above this file.',
  'a path that ends in .avsc',
  'schemas/alert.avsc',
)

const topic = z.strictObject({
  description: text('What is in it, and why it is kept as it is.'),
  external: say(z.boolean(), 'A topic of the users: read, never changed.', 'true or false', 'true').default(false),
  create: say(
    z.boolean(),
    'Create an external topic where it is missing (for local work and the demo).',
    'true or false',
    'true',
  ).default(false),
  direction: say(
    z.enum(['send', 'receive', 'internal']),
    'From Driftline’s side: what it publishes, what it reads, what it keeps for itself.',
    'one of send, receive, internal',
    'send',
  ),
  partitions: count(1, 10_000, 'Partitions it is created with.', '4').optional(),
  fixed: say(
    z.boolean(),
    'Never grows: records of a key would move to another partition than those before.',
    'true or false',
    'true',
  ).default(false),
  replication: count(1, 100, 'Copies, where they differ from those of the file.', '3').optional(),
  key: text('What records are keyed by.', 'alertId'),
  format: say(z.enum(['avro', 'json', 'bytes']), 'How values are written.', 'one of avro, json, bytes', 'avro'),
  schema: say(
    z.union([schemaFile.transform(one => [one]), z.array(schemaFile).min(1)]),
    'Avro schemas of the values, one for each kind of record.',
    'a path that ends in .avsc, or a list of them',
    'schemas/alert.avsc',
  ).optional(),
  configs: say(
    z.record(z.string().regex(/^[a-z.]+$/), configValue),
    'Kafka’s own topic settings.',
    'a map of Kafka topic settings',
    '{ retention.ms: 604800000 }',
  ).prefault({}),
})

const name = z.string().regex(/^[A-Za-z0-9._-]{1,249}$/)

/** topology/topics.yaml: every topic of the line, Driftline's own and those it reads. */
export const topicsSchema = z
  .strictObject({
    apiVersion: say(z.literal('driftline/v1'), 'Version of this format.', 'driftline/v1', 'driftline/v1'),
    replication: count(1, 100, 'Copies of each topic that is created.', '3').default(3),
    topics: say(z.record(name, topic), 'The topics by name.', 'a map of topic names', '{ driftline.alerts: { … } }'),
  })
  .meta({ title: 'Driftline topics', description: 'The topics of the line, and how they are to be.' })

export type TopicsFile = z.output<typeof topicsSchema>
