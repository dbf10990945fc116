import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it, vi } from 'vitest'
import { calibrateCommand } from '../../src/cli/calibrate.js'
import type { Calibration } from '../../src/service/calibrate.js'
import { badInput, folder } from '../files/fixtures.js'
import { csv, HOUR, rides, T0, usual } from '../service/rides.js'

// Two cores are shared with whatever else runs.
vi.setConfig({ testTimeout: 60_000 })

const { write } = folder()

const monitor = (more = ''): string => `apiVersion: driftline/v1
model: rides
serving: { topic: rides, format: json, key: requestId, time: eventTime, version: modelVersion }
window: { size: 1h, grace: 0s }
joint: none
${more}`

/** Rides whose fare rises by half from hour 50 on, with a feature that never changes and one that is never there. */
const served = (hours: number, fault: boolean): string => {
  const all = rides({
    seed: 11,
    from: T0,
    hours,
    perHour: 240,
    features: (random, time) => {
      const features = usual(random)
      const broken = fault && time >= T0 + 50 * HOUR && time < T0 + 53 * HOUR
      return { ...features, stops: 3, fare: (features['fare'] as number) * (broken ? 1.5 : 1) }
    },
  })
  return csv(all)
}

/** Rows of so many hours before the first ride served. */
const trainedOn = (hours: number): string =>
  csv(
    rides({
      ...{ seed: 5, from: T0 - hours * HOUR, hours, perHour: 6000 / hours },
      features: random => ({ ...usual(random), stops: 3 }),
    }),
  )
const training = write('training.csv', trainedOn(100))

async function run(...args: string[]): Promise<string> {
  let out = ''
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation(text => {
    out += text
    return true
  })
  try {
    await calibrateCommand().parseAsync(args, { from: 'user' })
    return stripVTControlCharacters(out)
  } finally {
    spy.mockRestore()
  }
}

describe('driftline calibrate', () => {
  const file = write('rides.yaml', monitor())
  const calm = write('calm.csv', served(60, false))
  const faulty = write('faulty.csv', served(60, true))

  it('counts no false incident where nothing is wrong, and predicts no more than the budget', async () => {
    const found = JSON.parse(await run(file, '--baseline', training, '--events', calm, '--json')) as Calibration
    expect(found).toMatchObject({
      model: 'rides',
      events: 60 * 240,
      windows: 60,
      // The training rows have times: their windows are the history that it begins with.
      judged: 60,
      measured: 0,
      incidents: [],
    })
    expect(found.predicted).toBeGreaterThan(0)
    expect(found.predicted).toBeLessThanOrEqual(found.budget * (1 + 1e-9))
    expect(found.budget).toBeCloseTo(168 * 0.003, 9)
    expect(found.peaks.reduce((a, b) => a + b)).toBe(60)
    const stops = found.series.find(({ feature, segment }) => feature === 'stops' && segment === '')!
    expect(stops.useless).toBe('constant')
  })

  it('lists what would have rung, and when', async () => {
    const found = JSON.parse(await run(file, '--baseline', training, '--events', faulty, '--json')) as Calibration
    expect(found.incidents.map(({ openedAt, features }) => ({ openedAt, features }))).toEqual([
      { openedAt: T0 + 50 * HOUR, features: ['fare'] },
    ])
    expect(found.measured).toBeCloseTo(168 / 60, 9)
  })

  it('shows what each series can show, and what to change, in words', async () => {
    const text = await run(file, '--baseline', training, '--events', calm)
    expect(text).toMatch(/^monitor +rides\nhistory +14400 events, 60 windows of 1h; 60 of them/)
    expect(text).toMatch(/\nmeasured +0 a week: 0 in 0\.357 weeks\n/)
    expect(text).toMatch(/\nfare +240 +5\.\d · 2\.\d +0\.\d\d · 0\.\d\d +█+·* +\d\.\d · \d\.\d +\dh\n/)
    expect(text).toMatch(/\npayment .* of cash/)
    expect(text).toContain('· stops: has had one value in training and in every window')
    expect(text).not.toContain('NaN')
    expect(text).not.toContain('undefined')
  })

  it('says that there is too little history, and judges nothing', async () => {
    const short = write('short.csv', served(10, false))
    const brief = write('brief.csv', trainedOn(10))
    const text = await run(file, '--baseline', brief, '--events', short)
    expect(text).toContain('predicted  –')
    expect(text).toContain('· 10 windows with rows, none judged by its own history, which takes 20')
  })

  it('says what seasons would be worth to a monitor without, and how much history they take', async () => {
    const swinging = (hours: number, from: number, perHour: number): string =>
      csv(
        rides({
          ...{ seed: 7, from, hours, perHour },
          features: (random, time) => {
            const turn = Math.sin((2 * Math.PI * Math.floor(time / HOUR)) / 24)
            return { fare: 20 + 5 * random.normal() + 4 * turn, stops: 3 + random.normal() }
          },
        }),
      )
    const days = write('days.csv', swinging(96, T0, 150))
    const before = write('days-before.csv', swinging(48, T0 - 48 * HOUR, 150))
    const found = async (kind: string): Promise<Calibration & { readonly advice: readonly string[] }> => {
      const path = write(`${kind}.yaml`, monitor(`seasons: ${kind}\n`))
      return JSON.parse(await run(path, '--baseline', before, '--events', days, '--json'))
    }
    const { seasons, advice } = await found('none')
    expect(seasons).toMatchObject({ wanted: 'none', features: ['fare'], kinds: { none: 1, 'weekday-hour': 1 } })
    expect(seasons!.shift!.with).toBeLessThan(0.6 * seasons!.shift!.without)
    expect(seasons!.missingWeeks).toBeCloseTo(2 - seasons!.weeks, 9)
    expect(advice.at(-2)).toMatch(
      /^Seasons would foretell 1 of 2 series better \(1 by weekday-hour\); the smallest .* from \d\.\d\d to \d\.\d\d σ: seasons: auto\.$/,
    )
    expect(advice.at(-1)).toMatch(/^Hours of the week .*: 1\.\d weeks are missing\.$/)
    expect((await found('auto')).seasons).toMatchObject({ wanted: 'auto', features: ['fare'] })
  })

  it('names what is wrong with its input, and where', async () => {
    const impossible = write('impossible.yaml', monitor('falseIncidents: { perWeek: 500 }\n'))
    expect(await badInput(() => run(impossible, '--baseline', training, '--events', calm))).toContain(
      'impossible.yaml:6:28 falseIncidents.perWeek: expected at most 170: so many windows a week there are (a window each 1h), found 500. Write 1, or less.',
    )
    const unknown = write('unknown.yaml', monitor('features: { fare: { importance: 40, checks: { pis: false } } }\n'))
    const both = await badInput(() => run(unknown, '--baseline', training, '--events', calm))
    expect(both).toContain('features.fare.importance: expected a number from 0 to 1')
    expect(both).toContain('features.fare.checks.pis: expected one of the keys psi')
    expect(await badInput(() => run(file, '--baseline', training, '--events', 'none.csv'))).toContain('none.csv')
    expect(await badInput(() => run(file, '--baseline', training, '--events', calm, '--from', '2040-01-01'))).toMatch(
      /no event in the time asked for/,
    )
  })
})
