import { readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { checkCommand, checkedText } from '../../src/cli/check.js'
import { parseMonitor } from '../../src/config/monitor.js'
import { folder } from '../files/fixtures.js'

const { write } = folder()

const full = readFileSync('test/config/full.yaml', 'utf8')

/** Runs the command; what it wrote to standard output, and what it threw. */
async function run(...args: string[]): Promise<{ out: string; error: unknown }> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += text
    return true
  })
  try {
    await checkCommand().parseAsync(args, { from: 'user' })
    return { out, error: null }
  } catch (error) {
    return { out, error }
  } finally {
    write.mockRestore()
  }
}

describe('driftline check', () => {
  it('shows what was understood, defaults included', () => {
    const sources = new Map([['serving-features', '4 partitions at b:9092, LogAppendTime']])
    const text = checkedText(parseMonitor(full, 'full.yaml').monitors[0]!, sources)
    expect(
      stripVTControlCharacters(text)
        .split('\n')
        .map(line => line.trimEnd()),
    ).toEqual([
      'monitor        taxi-tips',
      'file           full.yaml',
      'topic          serving-features (avro): 4 partitions at b:9092, LogAppendTime',
      'where          model = taxi-tips',
      'key            requestId, entity taxiId',
      'event time     eventTime (ms), at most 10m ahead',
      'model version  modelVersion',
      'features       features.* without debug_*; 1 described: trip_miles',
      'window         1h, each 15m; waits 5m, revises for 1d; from 200 rows on',
      'seasons        where the history shows them, on the clocks of America/Chicago',
      'segments       payment_type (top 8)',
      'baseline       active',
      'task           binary, true is positive: score at score',
      'labels         labels (avro)',
      'label          tipped by requestId at labelledAt (ms); up to 7d after the prediction',
      'offline        offline-features (avro)',
      'offline value  features.* by requestId at featureTime (ms); waits 2d for the other side',
      'parity         equal within 0 or 0.000001 of the offline value; 1.0 % of the rows may differ',
      'limits         2000 series, 50 segments a dimension',
      'tells          alerts from major on',
      expect.stringMatching(/^version {8}[0-9a-f]{12}, hash [0-9a-f]{12}$/),
      '',
    ])
  })

  it('says which versions are compared, and within which limits', () => {
    const of = (shadow: string) => {
      const text = readFileSync('test/config/full.yaml', 'utf8').replace('window:', `shadow: ${shadow}\nwindow:`)
      const shown = stripVTControlCharacters(checkedText(parseMonitor(text, 'm.yaml').monitors[0]!))
      return shown.split('\n').find(line => line.startsWith('shadow'))
    }
    expect(of('{ champion: v1, challenger: v2, latency: ms, limits: { latency: 50ms } }')).toBe(
      'shadow         v2 against v1 by the requests that both score, up to 10m apart; flips up to 1.0 %, score up to 0.02, latency up to 50 ms; from 500 pairs on, 3 windows promote',
    )
    expect(of('{ champion: v1, challenger: v2, mode: canary }')).toBe(
      'shadow         v2 against v1 by the part of the traffic that each has; decisions up to 2.0 %, score up to 0.02; from 500 rows of each on, 3 windows promote',
    )
  })

  it('tells that all is right', async () => {
    const { out, error } = await run('test/config/full.yaml')
    expect(error).toBeNull()
    expect(out).toMatch(/1 monitor: no fault\n$/)
  })

  it('gives JSON with the map of features', async () => {
    const { out } = await run('test/config/full.yaml', '--json')
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      monitors: [{ model: 'taxi-tips', features: { trip_miles: { kind: 'numeric' } } }],
      notices: [],
    })
  })

  it('gives every default as JSON, also those that the service leaves out', async () => {
    const plain = write(
      'plain.yaml',
      'apiVersion: driftline/v1\nmodel: m\nserving: { topic: t, key: k, time: { path: t, unit: ms } }\nwindow: { size: 1h }\n',
    )
    const { out } = await run(plain, '--json')
    expect(JSON.parse(out).monitors).toEqual([
      expect.objectContaining({
        seasons: { kind: 'auto', zone: 'UTC' },
        joint: 'auto',
        limits: { series: 2000, segments: 50, dimension: 4096, keys: 5_000_000 },
        privacy: { hash: [], minCount: 1 },
        falseIncidents: 1,
      }),
    ])
  })

  it('throws bad-input with every fault; with --json they are on standard output too', async () => {
    const plain = await run('test/cli/faulty.yaml')
    expect(plain.out).toBe('')
    expect(plain.error).toMatchObject({ name: 'DriftlineError', code: 'bad-input' })
    expect((plain.error as Error).message.split('\n')).toEqual([
      expect.stringMatching(/^test\/cli\/faulty\.yaml:3:51 serving\.tiem: .* Did you mean "time"\?$/),
      expect.stringMatching(/^test\/cli\/faulty\.yaml:4:17 window\.size: /),
    ])
    const { out, error } = await run('test/cli/faulty.yaml', '--json')
    expect(error).toMatchObject({ code: 'bad-input' })
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      faults: [
        { kind: 'unknown-key', line: 3 },
        { kind: 'bad-value', line: 4 },
      ],
    })
  })

  it('shows examples in its help', () => {
    const command = checkCommand()
    let help = ''
    command.configureOutput({ writeOut: text => void (help += text) })
    command.outputHelp()
    expect(help).toContain('driftline check topology/monitors')
    expect(help).toContain('Exit codes')
  })
})
