/** Why a record is not aggregated. Closed: each is counted by topic and partition, and all but the tombstone become dead letters. */
export const REJECTIONS = [
  'tombstone',
  'too-large',
  'not-avro',
  'not-json',
  'schema-unknown',
  'schema-unfit',
  'truncated',
  'key-missing',
  'event-time-missing',
  'event-time-unreadable',
  'event-time-implausible',
  'label-missing',
  'label-unreadable',
] as const

export type Rejection = (typeof REJECTIONS)[number]

/** What to do about it, in the words of the dead letter's header. */
export const REMEDY: Readonly<Record<Rejection, string>> = {
  tombstone: 'a null value carries no features; nothing to do',
  'too-large': 'the record is over the size limit; send the features without their raw inputs',
  'not-avro':
    'expected the Confluent wire format: a zero byte, the schema id, Avro; set serving.format (of labels: labels.format) if the topic holds JSON',
  'not-json': 'expected one JSON object; set serving.format (of labels: labels.format) if the topic holds Avro',
  'schema-unknown': 'the registry does not know the schema id; was the record written through another registry?',
  'schema-unfit':
    'the writer schema lacks a field that the monitor maps, or has it with a type that cannot serve; compare them with `driftline check`',
  truncated: 'the record ends before its schema does; it was cut or written with another schema',
  'key-missing': 'serving.key (of labels: labels.key) is absent or null in the record',
  'event-time-missing': 'serving.time (of labels: labels.time) is absent or null in the record',
  'event-time-unreadable': 'serving.time (of labels: labels.time) is neither a number nor an ISO 8601 time',
  'event-time-implausible':
    'the event time is before 1990 or too far ahead; check the unit of serving.time or labels.time (seconds read as milliseconds fall into 1970)',
  'label-missing': 'labels.value is absent or null in the record',
  'label-unreadable':
    'labels.value is not what task.type takes: a number for regression; for binary true, false, 1 or 0 unless task.positive names the positive class; else text, a number, true or false',
}

/** Rejected whatever a monitor says of them: no change but to the record itself makes them readable. */
export const UNREPAIRABLE: ReadonlySet<Rejection> = new Set<Rejection>(['tombstone', 'too-large', 'truncated'])
