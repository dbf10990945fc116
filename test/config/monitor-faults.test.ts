import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatFault } from '../../src/config/fault.js'
import { parseMonitor } from '../../src/config/monitor.js'

const full = readFileSync('test/config/full.yaml', 'utf8')

const head = `apiVersion: driftline/v1
model: taxi-tips
serving: { topic: t, key: k, time: at }
`

function faultsOf(text: string): string[] {
  return parseMonitor(text, 'm.yaml').faults.map(fault => `${fault.kind} ${formatFault(fault)}`)
}

/** What follows the head, from line 4 on → the faults it gives. */
const cases: readonly (readonly [name: string, text: string, ...faults: string[]])[] = [
  [
    'an unknown key, with what was meant',
    'windw: { size: 1h }',
    'unknown-key m.yaml:4:1 windw: expected one of the keys apiVersion, model, owner, tags, mode, task, serving, labels, offline, shadow, window, timezone, seasons, baseline, segments, features, joint, sources, falseIncidents, limits, privacy, notify, found "windw". Did you mean "window"?',
  ],
  [
    'an unknown key that is like none',
    'limits: { colour: 3 }',
    'unknown-key m.yaml:4:11 limits.colour: expected one of the keys series, segments, dimension, keys, found "colour". Remove it, or use one of these.',
  ],
  [
    'unknown keys in a list form, a feature and a check',
    'features:\n  f:\n    chekcs: { psi: true }\n  g: { checks: { pis: true, psi: { dleta: 1 } } }',
    'unknown-key m.yaml:6:5 features.f.chekcs: expected one of the keys kind, unit, importance, range, time, checks, runbook, found "chekcs". Did you mean "checks"?',
    'unknown-key m.yaml:7:18 features.g.checks.pis: expected one of the keys psi, w1, null, missing, type, nan, integer, negative, zero, unseen, repeat, volume, duplicates, capacity, input-gap, rejected, future, max-age, auc, log-loss, brier, calibration-error, precision, recall, f1, accuracy, macro-f1, cost, mae, rmse, bias, r2, base-rate, concept-drift, coverage-by-score, score-spread, found "pis". Did you mean "psi"?',
    'unknown-key m.yaml:7:36 features.g.checks.psi.dleta: expected one of the keys enabled, delta, found "dleta". Did you mean "delta"?',
  ],
  [
    'a measure of outputs at a feature',
    'task: { type: binary, outputs: { main: score } }\nlabels: { topic: labels, key: k, time: at, value: tipped }\nfeatures: { main: { checks: { auc: true } }, fare: { checks: { auc: true, psi: true } } }',
    'conflict m.yaml:6:69 features.fare.checks.auc: expected an output of the task (main): auc is measured by labels, found the feature fare. Write it as features: { main: { checks: { auc: … } } }, or remove it.',
  ],
  [
    'a measure of outputs without a task',
    'features: { fare: { checks: { mae: { delta: 2 } } } }',
    'conflict m.yaml:4:36 features.fare.checks.mae: expected a task, found none. Add task and labels, and write mae at the output that is measured, or remove it.',
  ],
  [
    'a name that no map can hold',
    'labels: { where: { __proto__: a } }\ntags: { a: b, __proto__: c }',
    'unknown-key m.yaml:4:20 expected another name, found "__proto__". Nothing can be named so: rename it.',
    'unknown-key m.yaml:5:15 expected another name, found "__proto__". Nothing can be named so: rename it.',
  ],
  [
    'a missing key',
    'task: { type: binary, outputs: { a: score } }\nlabels: { topic: labels, key: k, time: at }',
    'missing m.yaml:5:9 labels.value: expected a field of the event, or a dotted path to it, found nothing. Add it, for example value: tipped',
  ],
  [
    'a number for a duration',
    'window:\n  size: 60',
    'wrong-type m.yaml:5:9 window.size: expected a duration above zero such as 1h, found the number 60. Write, for example, 1h.',
  ],
  [
    'a duration with an unknown unit',
    'window:\n  grace: 5 minutes',
    'bad-value m.yaml:5:10 window.grace: expected a duration such as 5m, found "5 minutes". The units are w, d, h, m, s, ms; "minutes" is none of them.',
  ],
  [
    'a negative and a zero duration',
    'window: { size: 0h, grace: -5m }',
    'bad-value m.yaml:4:17 window.size: expected a duration above zero such as 1h, found "0h". Write, for example, 1h.',
    'bad-value m.yaml:4:28 window.grace: expected a duration such as 5m, found "-5m". A duration cannot be negative.',
  ],
  [
    'an empty value',
    'window:\nsegments: { city: }',
    'wrong-type m.yaml:4:1 window: expected a map with the keys size, advance, grace, reviseFor, minRows, found an empty value. Fill it in, or remove the key.',
    'wrong-type m.yaml:5:13 segments.city: expected a map with the keys path, values, top, found an empty value. Fill it in, or remove the key.',
  ],
  [
    'a list for a map, and text for a map',
    'limits: [1]\nwindow: 1h',
    'wrong-type m.yaml:4:9 limits: expected a map with the keys series, segments, dimension, keys, found [1]. Write its keys below it, indented.',
    'wrong-type m.yaml:5:9 window: expected a map with the keys size, advance, grace, reviseFor, minRows, found "1h". Write its keys below it, indented.',
  ],
  [
    'a word that is none of a few',
    'mode: alrt\nseasons: weekly\nfeatures: { f: { kind: vector } }',
    'bad-value m.yaml:4:7 mode: expected alert or observe, found "alrt". Did you mean "alert"?',
    'bad-value m.yaml:5:10 seasons: expected one of auto, none, hour-of-week, weekday-hour, found "weekly". Write, for example, auto.',
    'bad-value m.yaml:6:24 features.f.kind: expected one of numeric, categorical, boolean, embedding, text, found "vector". Write, for example, numeric.',
  ],
  [
    'an importance over 1',
    'features: { trip_km: { importance: 40 } }',
    'bad-value m.yaml:4:36 features.trip_km.importance: expected a number from 0 to 1, found the number 40. Write, for example, 0.4.',
  ],
  [
    'a budget of none',
    'falseIncidents: { perWeek: 0 }',
    'bad-value m.yaml:4:28 falseIncidents.perWeek: expected a number from 0.002 on, found the number 0. Write, for example, 1.',
  ],
  [
    'more false incidents than windows',
    'window: { size: 7d, advance: 1d }\nfalseIncidents: { perWeek: 8 }',
    'conflict m.yaml:5:28 falseIncidents.perWeek: expected at most 7: so many windows a week there are (a window each 1d), found 8. Write 1, or less.',
  ],
  [
    'a number for the budget: one fault, none of the default',
    'window: { size: 28d }\nfalseIncidents: 0',
    'wrong-type m.yaml:5:17 falseIncidents: expected a map with the keys perWeek, found the number 0. Write its keys below it, indented.',
  ],
  ['a budget that is left open, whatever the windows', 'window: { size: 28d }\nfalseIncidents: {}'],
  [
    'one false incident a week where windows are longer',
    'window: { size: 28d }\nfalseIncidents: { perWeek: 1 }',
    'conflict m.yaml:5:28 falseIncidents.perWeek: expected at most 0.25: so many windows a week there are (a window each 28d), found 1. Remove it: the default is 1, or less where windows are longer.',
  ],
  [
    'a range the wrong way round',
    'features: { f: { range: [5, 1] } }',
    'bad-value m.yaml:4:25 features.f.range: expected two numbers in ascending order, found [5, 1]. Put the smaller bound first.',
  ],
  [
    'a source and a feature of one name, both with a time',
    'features: { meter: { time: a } }\nsources: { meter: { features: [x], time: b } }',
    'conflict m.yaml:5:42 sources.meter.time: expected one series meter.age, found features.meter.time too. Give the source another name.',
  ],
  [
    'a range of a category',
    'features: { f: { kind: boolean, range: [0, 1] } }',
    'conflict m.yaml:4:40 features.f.range: expected no range for this kind, found kind: boolean. Remove the range, or make the feature numeric.',
  ],
  [
    'a number or an interval to be hashed',
    'features: { f: { kind: numeric }, g: { range: [0, 1] } }\nprivacy: { hash: [f, g, ok] }',
    'conflict m.yaml:5:19 privacy.hash.0: expected a categorical feature: hashes have no size or order, found features.f.kind: numeric. Leave it out here, or make it categorical.',
    'conflict m.yaml:5:22 privacy.hash.1: expected a categorical feature: hashes have no size or order, found features.g.range. Remove the range, or leave the feature out here.',
  ],
  [
    'values of a hashed feature in plain text',
    'segments: { city: { path: at.who, values: [ann] } }\nprivacy: { hash: [who] }',
    'conflict m.yaml:4:43 segments.city.values: expected no values of a hashed feature, found values in plain text. Write top: N in place of values, or leave the feature out of privacy.hash.',
  ],
  [
    'a size that is no multiple of advance',
    'window: { size: 50m, advance: 15m }',
    'conflict m.yaml:4:17 window.size: expected a multiple of window.advance (15m), found 50m. Write 45m, or an advance that divides it.',
  ],
  [
    'a size below advance, beside another fault',
    'window: { size: 5m, advance: 15m, minRows: none }',
    'conflict m.yaml:4:17 window.size: expected a multiple of window.advance (15m), found 5m. Write 15m, or an advance that divides it.',
    'wrong-type m.yaml:4:44 window.minRows: expected a whole number from 1 to 1000000000, found "none". Write, for example, 200.',
  ],
  [
    'a reviseFor that is no multiple of advance',
    'window: { size: 1h, reviseFor: 90m }',
    'conflict m.yaml:4:32 window.reviseFor: expected a multiple of window.advance (1h), found 1h 30m. Write 2h, or 0s for never.',
  ],
  [
    'slots of the week for windows longer than a day',
    'window: { size: 2d }\nseasons: hour-of-week',
    'conflict m.yaml:5:10 seasons: expected auto or none for windows longer than a day, found hour-of-week with window.size 2d. Write seasons: none, or a window.size of at most 1d.',
  ],
  [
    'too many dimensions',
    'segments: { a: {}, b: {}, c: {}, d: {}, e: {} }',
    'conflict m.yaml:4:11 segments: expected at most 4 dimensions, found 5: a, b, c, d, e. Keep those that are acted on differently.',
  ],
  [
    'values and top, a value twice, more values than the limit',
    'segments:\n  a: { values: [x], top: 1 }\n  b: { values: [x, x] }\n  c: { top: 60 }',
    'conflict m.yaml:5:26 segments.a.top: expected values or top, found both. Remove top: the listed values are taken as they are.',
    'conflict m.yaml:6:16 segments.b.values: expected each value once, found one twice. Remove the second.',
    'conflict m.yaml:7:13 segments.c.top: expected at most limits.segments (50) values, found 60. Take fewer, or raise limits.segments.',
  ],
  [
    'labels without a task',
    'labels: { topic: labels, key: k, time: at, value: y }',
    'conflict m.yaml:4:9 labels: expected a task beside labels, found none. Add what the model predicts, for example task: { type: binary }.',
  ],
  [
    'labels without a prediction',
    'labels: { topic: labels, key: k, time: at, value: y }\ntask: { type: binary }',
    'conflict m.yaml:4:9 labels: expected serving.prediction, or task.outputs, beside labels, found neither. Add where the predictions lie, for example prediction: score to serving.',
  ],
  [
    'a shadow of nothing',
    'shadow: { champion: v1, challenger: v1 }',
    'conflict m.yaml:4:9 shadow: expected a task beside shadow, found none. Add what the model predicts, for example task: { type: binary }.',
    'conflict m.yaml:4:9 shadow: expected serving.version beside shadow: the field that tells the two versions apart, found none. Add it, for example version: modelVersion to serving.',
    'conflict m.yaml:4:37 shadow.challenger: expected another version than the champion, found "v1". Name the version that is to take its place.',
  ],
  [
    'limits that nothing is measured for',
    'task: { type: regression, outputs: { y: y } }\nshadow: { champion: v1, challenger: v2, limits: { flips: .1, decisions: .1, latency: 50ms } }',
    'conflict m.yaml:5:9 shadow: expected serving.version beside shadow: the field that tells the two versions apart, found none. Add it, for example version: modelVersion to serving.',
    'conflict m.yaml:5:58 shadow.limits.flips: expected no flips of a regression, found a limit. A number decides nothing: limit score instead.',
    'conflict m.yaml:5:73 shadow.limits.decisions: expected no decisions with mode: shadow, found a limit. Limit flips instead: they say more.',
    'conflict m.yaml:5:73 shadow.limits.decisions: expected no decisions of a regression, found a limit. A number decides nothing: limit score instead.',
    'conflict m.yaml:5:86 shadow.limits.latency: expected shadow.latency beside it, found none. Add the field that says how long the prediction took, in ms.',
  ],
  [
    'a limit above 1, and no mode',
    'task: { type: binary, outputs: { y: y } }\nshadow: { champion: v1, challenger: v2, mode: split, limits: { score: 2 } }',
    'conflict m.yaml:5:9 shadow: expected serving.version beside shadow: the field that tells the two versions apart, found none. Add it, for example version: modelVersion to serving.',
    'bad-value m.yaml:5:47 shadow.mode: expected shadow or canary, found "split". Write, for example, shadow.',
    'bad-value m.yaml:5:71 shadow.limits.score: expected a number above 0, at most 1, found the number 2. Write, for example, 0.02.',
  ],
  [
    'labels that are hashed',
    'task: { type: multiclass, outputs: { main: meta.class } }\nlabels: { topic: labels, key: k, time: at, value: y }\nprivacy: { hash: [company, class] }',
    'conflict m.yaml:6:18 privacy.hash: expected features that are neither predictions nor labels, where labels or a shadow are declared, found "class". Remove it: hashed scores cannot be compared.',
  ],
  [
    'no outputs, and one that is no field',
    'task: { type: binary, outputs: {} }',
    'bad-value m.yaml:4:32 task.outputs: expected a map of names and fields, found a map. Write, for example, { main: score, tree: scores.tree }.',
  ],
  [
    'another baseline, time zone or URL',
    'baseline: newest\ntimezone: Mars/Olympus\nnotify: { runbook: wiki }',
    'bad-value m.yaml:4:11 baseline: expected active, first-windows, or a version (a whole number from 1), found "newest". Write, for example, active.',
    'bad-value m.yaml:5:11 timezone: expected an IANA time zone such as America/Chicago or UTC, found "Mars/Olympus". Write, for example, America/Chicago.',
    'bad-value m.yaml:6:20 notify.runbook: expected a URL that begins with http:// or https://, found "wiki". Write, for example, "https://wiki.example.org/drift".',
  ],
  [
    'a key twice',
    'mode: alert\nmode: observe',
    'yaml m.yaml:5:1 mode: expected each key once, found "mode" again. Remove one of the two.',
  ],
  [
    'a second document',
    '---\nmodel: other',
    'yaml m.yaml:4:1 expected YAML, found a fault: Source contains multiple documents; please use YAML.parseAllDocuments(). Put each document into a file of its own.',
  ],
]

describe('a fault names line, field, what was expected, what was found and the remedy', () => {
  it.each(cases)('%s', (_, text, ...faults) => {
    expect(faultsOf(head + text)).toEqual(faults)
  })

  it('of serving', () => {
    const text = `apiVersion: driftline/v2
model: taxi tips
serving:
  topic: my topic
  tiem: at
  key: a..b
  format: protobuf
  time: { path: at, unit: minutes }
  sampleRate: 0
  ignore: debug
features: { debug_a: {} }
`
    const expected = [
      'bad-value m.yaml:1:13 apiVersion: expected driftline/v1, found "driftline/v2". Did you mean "driftline/v1"?',
      'bad-value m.yaml:2:8 model: expected a name of letters, digits, ".", "_" and "-", at most 128, found "taxi tips". Write, for example, taxi-tips.',
      'bad-value m.yaml:4:10 serving.topic: expected a Kafka topic name (letters, digits, ".", "_" and "-", at most 249), found "my topic". Write, for example, serving-features.',
      'unknown-key m.yaml:5:3 serving.tiem: expected one of the keys topic, format, where, key, entity, time, version, features, ignore, prediction, sampleRate, maxAhead, idleAfter, found "tiem". Did you mean "time"?',
      'bad-value m.yaml:6:8 serving.key: expected a field of the event, or a dotted path to it, found "a..b". Write, for example, requestId.',
      'bad-value m.yaml:7:11 serving.format: expected avro or json, found "protobuf". Write, for example, avro.',
      'bad-value m.yaml:8:27 serving.time.unit: expected one of ms, us, ns, s, iso, found "minutes". Write, for example, ms.',
      'bad-value m.yaml:9:15 serving.sampleRate: expected a number above 0, at most 1, found the number 0. Write, for example, 0.1.',
      'wrong-type m.yaml:10:11 serving.ignore: expected a list of names and patterns, found "debug". Write, for example, [debug_*].',
    ]
    expect(faultsOf(text)).toEqual(expected)
    expect(faultsOf(`${head.replace('time: at', 'time: at, ignore: [x, debug_*]')}features:\n  debug_a: {}`)).toEqual([
      'conflict m.yaml:5:12 features.debug_a: expected a feature that is watched, found "debug_*" in serving.ignore. Remove it here or there.',
    ])
  })

  it('of a file that holds nothing, or no map', () => {
    expect(faultsOf('')).toEqual([
      expect.stringMatching(
        /^wrong-type m\.yaml:1:1 expected a map with the keys apiVersion, .*, found an empty file\. Fill it in, or remove the file\.$/,
      ),
    ])
    expect(faultsOf('- a')).toEqual([
      expect.stringMatching(/^wrong-type m\.yaml:1:1 expected a map .*, found a list of 1\. /),
    ])
  })

  it('of YAML that is none', () => {
    expect(faultsOf(`${head}window: { size: 1h`)).toEqual([
      expect.stringMatching(/^yaml m\.yaml:4:\d+ expected YAML, found a fault: /),
    ])
    expect(faultsOf(`${head}window:\n\tsize: 1h`)).toEqual([
      expect.stringMatching(/^yaml m\.yaml:5:1 .* Indent with spaces\.$/),
    ])
    expect(faultsOf(`${head}owner: *nobody`)).toEqual([expect.stringMatching(/^yaml m\.yaml:4:8 .*nobody/)])
    expect(faultsOf(`${head}owner: !!set x`)).toEqual([expect.stringMatching(/^yaml m\.yaml:4:8 .*without a tag/)])
  })
})

describe('whatever is in the file', { timeout: 60_000 }, () => {
  const edits = fc.array(
    fc.record({
      at: fc.nat(full.length),
      remove: fc.nat(12),
      insert: fc.oneof(
        fc.string({ unit: 'binary', maxLength: 6 }),
        fc.constantFrom(
          ': ',
          '\n',
          '- ',
          '{',
          '}',
          '[',
          ']',
          '"',
          '&a ',
          '*a',
          '!!binary ',
          '__proto__: ',
          'null',
          '<<: ',
          '1e999',
          '? ',
        ),
        fc.constantFrom(...full.split(/\s+/)),
      ),
    }),
    { minLength: 1, maxLength: 6 },
  )

  it('the answer is a monitor or faults, each at a place in the file; nothing is thrown', () => {
    fc.assert(
      fc.property(edits, list => {
        const text = list.reduce(
          (now, { at, remove, insert }) => now.slice(0, at) + insert + now.slice(at + remove),
          full,
        )
        const { monitors, faults } = parseMonitor(text, 'm.yaml')
        expect(monitors.length === 1).toBe(faults.length === 0)
        const lines = text.split(/\n/).length
        for (const { line, column, expected, found, remedy } of faults) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(lines)
          expect(column).toBeGreaterThanOrEqual(1)
          expect(expected && found && remedy).toBeTruthy()
        }
      }),
      { numRuns: 200 },
    )
  })

  it('any value in any place gives faults, never an exception', () => {
    const place = fc.constantFrom(
      'model',
      'serving',
      'window',
      'segments',
      'features',
      'limits',
      'notify',
      'tags',
      'baseline',
      'task',
    )
    fc.assert(
      fc.property(place, fc.jsonValue(), (key, value) => {
        const { monitors, faults } = parseMonitor(
          `${head.replace(new RegExp(`^${key}:.*\n`, 'm'), '')}${key}: ${JSON.stringify(value)}`,
          'm.yaml',
        )
        expect(monitors.length === 1).toBe(faults.length === 0)
      }),
      { numRuns: 200 },
    )
  })
})
