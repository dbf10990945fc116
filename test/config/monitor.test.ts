import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadMonitors, parseMonitor, readMonitors } from '../../src/config/monitor.js'
import { DriftlineError } from '../../src/core/error.js'
import type { Monitor } from '../../src/core/monitor.js'

const full = readFileSync('test/config/full.yaml', 'utf8')

const shortest = `apiVersion: driftline/v1
model: taxi-tips
serving: { topic: serving-features, key: requestId, time: eventTime }
`

function monitorOf(text: string): Monitor {
  const { monitors, faults } = parseMonitor(text, 'm.yaml')
  expect(faults).toEqual([])
  return monitors[0]!
}

describe('a monitor file', () => {
  it('needs little: what is left out has its default', () => {
    const { hash, version, ...monitor } = monitorOf(shortest)
    expect(monitor).toEqual({
      model: 'taxi-tips',
      file: 'm.yaml',
      owner: null,
      tags: {},
      mode: 'alert',
      serving: {
        topic: 'serving-features',
        format: 'avro',
        where: [],
        key: ['requestId'],
        entity: null,
        time: { path: ['eventTime'], unit: 'ms' },
        version: null,
        fixedVersion: 'default',
        features: ['features.*'],
        ignore: [],
        prediction: null,
        sampleRate: 1,
        maxAheadMs: 600_000,
        idleAfterMs: 60_000,
      },
      window: {
        sizeMs: 3_600_000,
        advanceMs: 3_600_000,
        graceMs: 300_000,
        reviseForMs: 86_400_000,
        minRows: 200,
        historyMinRows: 50,
      },
      baseline: 'active',
      segments: [],
      features: new Map(),
      sources: {},
      times: [],
      limits: { series: 2000, segments: 50 },
      falseIncidents: 1,
      notify: { minSeverity: 'info', runbook: null, link: null },
    })
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(version).toMatch(/^[0-9a-f]{12}$/)
  })

  it('may hold everything that CONTRACTS shows', () => {
    const { monitors, notices, faults } = parseMonitor(full, 'full.yaml')
    expect(faults).toEqual([])
    const monitor = monitors[0]!
    expect(monitor.serving.where).toEqual([{ path: ['model'], equals: 'taxi-tips' }])
    expect(monitor.segments).toEqual([{ name: 'payment_type', path: null, values: null, top: 8 }])
    expect(monitor.sources).toEqual({ meter: { features: ['trip_miles', 'fare'] } })
    expect(monitor.features.get('trip_miles')).toEqual({
      kind: 'numeric',
      unit: 'mi',
      importance: 0.4,
      range: [0, 500],
      runbook: 'https://…',
      checks: { psi: { delta: 0.02, enabled: true } },
    })
    expect(monitor.times).toEqual([
      { series: 'trip_miles.age', path: ['milesAt'], unit: 'ms', features: ['trip_miles'], maxAgeMs: 6 * 3_600_000 },
    ])
    expect(monitor.task).toEqual({
      type: 'binary',
      positive: 'true',
      threshold: 0.5,
      costs: { falsePositive: 1, falseNegative: 5 },
      outputs: [{ name: 'score', path: ['score'] }],
    })
    expect(monitor.labels).toEqual({
      topic: 'labels',
      format: 'avro',
      where: [],
      key: ['requestId'],
      time: { path: ['labelledAt'], unit: 'ms' },
      value: ['tipped'],
      horizonMs: 7 * 86_400_000,
    })
    expect(monitor.offline).toEqual({
      topic: 'offline-features',
      format: 'avro',
      where: [],
      key: ['requestId'],
      time: { path: ['featureTime'], unit: 'ms' },
      features: ['features.*'],
      tolerance: { abs: 0, rel: 1e-6 },
      horizonMs: 2 * 86_400_000,
      maxMismatch: 0.01,
      examples: 'none',
    })
    expect(notices).toEqual([])
  })

  it.each([
    ['1h', '1d'],
    ['7h', '1d 4h'],
    ['30d', '30d'],
  ])('revises for a day, rounded up to whole advances: size %s for %s', (size, reviseFor) => {
    const stated = monitorOf(`${shortest}window: { size: ${size}, reviseFor: ${reviseFor} }`)
    expect(monitorOf(`${shortest}window: { size: ${size} }`).window).toEqual(stated.window)
  })

  it('knows ages of features by their own time, else by that of their source; the strictest maxAge counts', () => {
    const { monitors, notices } = parseMonitor(
      `${shortest}features: { fare: { time: { path: fareAt, unit: s } }, tip: {} }
sources:
  meter: { features: [fare, tolls], time: meter.at, maxAge: 2h }
  desk: { features: [fare], maxAge: 1h }
  nowhere: { features: [tip], maxAge: 1h }
`,
      'm.yaml',
    )
    expect(monitors[0]!.times).toEqual([
      { series: 'fare.age', path: ['fareAt'], unit: 's', features: ['fare'], maxAgeMs: 3_600_000 },
      { series: 'meter.age', path: ['meter', 'at'], unit: 'ms', features: ['tolls'], maxAgeMs: 7_200_000 },
    ])
    expect(notices).toEqual([
      expect.stringMatching(/^m.yaml:\d+ sources.nowhere.maxAge: without effect until sources.nowhere.time says/),
    ])
  })

  it('takes shorter and longer forms', () => {
    const monitor = monitorOf(`apiVersion: driftline/v1
model: m
baseline: 3
serving:
  topic: t
  key: meta.request.id
  time: { path: at, unit: µs }
  version: { fixed: v12 }
  where: { model: 3, live: true }
  features: [f_*, amount]
segments:
  country: { path: meta.country, values: [DE, FR, 1] }
features:
  amount: { checks: { null: false, w1: { enabled: false }, psi: true } }
window: { grace: 0s, reviseFor: 0s }
`)
    expect(monitor.baseline).toBe(3)
    expect(monitor.serving).toMatchObject({
      key: ['meta', 'request', 'id'],
      time: { path: ['at'], unit: 'us' },
      version: null,
      fixedVersion: 'v12',
      where: [
        { path: ['live'], equals: 'true' },
        { path: ['model'], equals: '3' },
      ],
      features: ['f_*', 'amount'],
    })
    expect(monitor.segments).toEqual([
      { name: 'country', path: ['meta', 'country'], values: ['DE', 'FR', '1'], top: 8 },
    ])
    expect(monitor.features.get('amount')?.checks).toEqual({
      null: { enabled: false, delta: null },
      w1: { enabled: false, delta: null },
      psi: { enabled: true, delta: null },
    })
    expect(monitor.window).toMatchObject({ graceMs: 0, reviseForMs: 0 })
  })
})

describe('hash and version', () => {
  const { hash, version } = monitorOf(full)
  const changed = (from: string | RegExp, to: string) => {
    expect(full).toMatch(from)
    return monitorOf(full.replace(from, to))
  }

  it.each([
    ['a comment', '# observe: verdicts, no alerts', '# never mind'],
    ['the order of keys', '{ size: 1h, advance: 15m,', '{ advance: 15m, size: 1h,'],
    ['a default that is spelled out or not', ', maxAhead: 10m', ''],
    ['another spelling of a duration', 'size: 1h', 'size: 60m'],
    ['quotes', 'model: taxi-tips\n', 'model: "taxi-tips"\n'],
    ['a new key at its default', 'sources:', 'joint: auto\nsources:'],
    ['a new limit at its default', 'limits: { series: 2000,', 'limits: { dimension: 4096, series: 2000,'],
  ])('are not changed by %s', (_, from, to) => {
    expect(changed(from, to)).toMatchObject({ hash, version })
  })

  it.each([
    ['the owner', 'pricing-ml', 'other-ml'],
    ['the mode', 'mode: alert', 'mode: observe'],
    ['a tolerance', 'delta: .02', 'delta: .03'],
    ['the rows that suffice', 'minRows: 200', 'minRows: 100'],
    ['the idle guess', 'idleAfter: 1m', 'idleAfter: 2m'],
    ['what is told of offline values', 'rel: 1e-6 }', 'rel: 1e-6 }, maxMismatch: .1, examples: masked'],
    ['what a mistake costs', 'falseNegative: 5', 'falseNegative: 6'],
    ['the baseline', 'baseline: active', 'baseline: 2'],
    ['whom events may name', 'minCount: 10', 'minCount: 20'],
  ])('%s changes the hash alone', (_, from, to) => {
    const monitor = changed(from, to)
    expect(monitor.hash).not.toBe(hash)
    expect(monitor.version).toBe(version)
  })

  it('without labels and offline values they are what they were before these were acted on', () => {
    const monitor = changed(/^(labels|offline):.*\n/gm, '')
    expect(monitor.version).toBe('51a03ca8fa37')
    expect(monitor.hash).toBe('d31ab8abe144343f1c59a1a182d6bff081b41ddde6d49ae5aca1a062314950df')
    expect(monitor).not.toHaveProperty('task')
    expect(monitor).not.toHaveProperty('offline')
    expect(parseMonitor(full.replace(/^labels:.*\n/m, ''), 'm.yaml').notices).toContain(
      'm.yaml:6 task: without effect until labels says where what came true arrives',
    )
  })

  it.each([
    ['the topic', 'topic: serving-features', 'topic: other'],
    ['the selection', 'where: { model: taxi-tips }', 'where: { model: other }'],
    ['the key', 'entity: taxiId', 'entity: cabId'],
    ['relations that are not watched', 'sources:', 'joint: none\nsources:'],
    ['the length of vectors', 'limits: { series: 2000,', 'limits: { dimension: 512, series: 2000,'],
    ['the time unit', 'unit: ms', 'unit: s'],
    ['the version', 'version: modelVersion', 'version: release'],
    ['the features', 'features: "features.*"', 'features: "f_*"'],
    ['what is ignored', '[debug_*]', '[debug]'],
    ['what is too far ahead', 'maxAhead: 10m', 'maxAhead: 20m'],
    ['the window', 'size: 1h', 'size: 2h'],
    ['the advance', 'advance: 15m', 'advance: 30m'],
    ['the grace', 'grace: 5m', 'grace: 6m'],
    ['how long it is revised', 'reviseFor: 1d', 'reviseFor: 2d'],
    ['segments', 'top: 8', 'top: 9'],
    ['a kind', 'kind: numeric, unit: mi, importance: .4, range: [0, 500],', 'kind: categorical,'],
    ['when a value was computed', 'time: milesAt', 'time: milesOn'],
    ['how old a value may be', 'maxAge: 6h', 'maxAge: 5h'],
    ['a range', 'range: [0, 500]', 'range: [0, 400]'],
    ['what is hashed', 'hash: [company]', 'hash: [company, city]'],
    ['limits', 'series: 2000', 'series: 1000'],
    ['the keys that may wait', 'segments: 50', 'segments: 50, keys: 1000'],
    ['the task', 'positive: true', 'positive: yes'],
    ['its outputs', 'threshold: 0.5', 'threshold: 0.5, outputs: { tree: scores.tree }'],
    ['the labels', 'value: tipped', 'value: tip'],
    ['how long labels may take', 'horizon: 7d', 'horizon: 8d'],
    ['what offline values may differ by', 'rel: 1e-6', 'rel: 1e-5'],
  ])('%s changes both', (_, from, to) => {
    const monitor = changed(from, to)
    expect(monitor.hash).not.toBe(hash)
    expect(monitor.version).not.toBe(version)
  })
})

describe('a folder', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'driftline-monitors-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const put = (name: string, text: string | Uint8Array) => writeFileSync(join(folder, name), text)

  it('is read in the order of its names, .yaml and .yml', () => {
    put('b.yml', shortest.replace('taxi-tips', 'b'))
    put('a.yaml', shortest.replace('taxi-tips', 'a'))
    put('.c.yaml', 'nonsense')
    put('notes.txt', 'nonsense')
    expect(loadMonitors(folder).monitors.map(({ model, file }) => [model, file])).toEqual([
      ['a', join(folder, 'a.yaml')],
      ['b', join(folder, 'b.yml')],
    ])
  })

  it('may name a model once', () => {
    put('a.yaml', shortest)
    put('b.yaml', `\n${shortest}`)
    expect(readMonitors(folder).faults).toEqual([
      {
        kind: 'duplicate',
        file: join(folder, 'b.yaml'),
        line: 3,
        column: 8,
        field: 'model',
        expected: 'one monitor a model',
        found: `"taxi-tips" also in ${join(folder, 'a.yaml')}`,
        remedy: 'Rename or remove one of the two.',
      },
    ])
  })

  it('gives the faults of all its files in one error', () => {
    put('a.yaml', 'model: a')
    put('b.yaml', 'model: [')
    const load = () => loadMonitors(folder)
    expect(load).toThrow(DriftlineError)
    expect(load).toThrow(
      /a\.yaml:1:1 apiVersion: expected .*\n.*a\.yaml:1:1 serving: expected .*\n.*b\.yaml:1:\d+ expected YAML/,
    )
  })

  it('is told when there is none, or nothing in it', () => {
    expect(() => loadMonitors(folder)).toThrow(`${folder}: no .yaml file in this folder. Put a monitor there`)
    expect(() => loadMonitors(join(folder, 'x.yaml'))).toThrow(
      'x.yaml: there is no such file or folder. Name a monitor file',
    )
  })

  it('is told of a file that is no text', () => {
    put('a.yaml', Uint8Array.of(0x6d, 0xff, 0xfe))
    expect(readMonitors(folder).faults).toMatchObject([
      { kind: 'unreadable', line: 1, remedy: 'Save the file as UTF-8.' },
    ])
  })

  it('that comes with Driftline loads', () => {
    expect(loadMonitors('topology/monitors').monitors.map(({ model }) => model)).toContain('ride-pricing')
  })
})
