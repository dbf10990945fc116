import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { causeOf } from '../../../src/core/detect/cause/cause.js'
import { CAUSE_CODES } from '../../../src/core/detect/cause/codes.js'
import { differences, plain } from '../../../src/core/detect/cause/spelling.js'
import { scoresOf } from '../../../src/core/detect/score.js'
import { seeded } from '../../random.js'
import { FAULTS } from './faults.js'
import { type Kind, Lab, type Value } from './lab.js'
import { DEVELOPMENT } from './shapes.js'
import { faulty, judge, streamOf } from './trial.js'

const number = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, 1e300, -1e-300, Number.NaN, Number.POSITIVE_INFINITY),
)
const text = fc.constantFrom('a', 'b', 'A ', '', '007', '7', 'ß', 'x'.repeat(400))
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 6, arbitrary: number },
  { weight: 3, arbitrary: text },
  fc.constantFrom(null, undefined, true),
)
const rows = fc.array(value, { maxLength: 150 })

describe('a cause', () => {
  it('is given for whatever comes, with finite numbers and a known code', { timeout: 60_000 }, () => {
    const some = fc.constantFrom<Kind>('numeric', 'categorical')
    fc.assert(
      fc.property(
        some,
        rows,
        fc.array(rows, { maxLength: 10 }),
        rows,
        fc.boolean(),
        (kind, training, past, now, first) => {
          const seed: Value[] = kind === 'numeric' ? [1, 2] : ['a', 'b']
          const lab = new Lab(kind, [...training, ...seed])
          const window = lab.window(now)
          const profiles = past.map(one => lab.window(one).profile)
          const cause = causeOf({
            contract: lab.contract,
            now: window.profile,
            sketch: now.length === 0 ? null : window.sketch,
            past: profiles,
            training: first ? null : lab.training,
            scores: scoresOf(lab.contract, window.profile, profiles, lab.contract.segments.get('')!),
            startsWithVersion: first,
            unit: first ? 'mi' : null,
          })
          expect(Object.keys(CAUSE_CODES)).toContain(cause.code)
          expect(Object.values(cause.numbers).every(Number.isFinite)).toBe(true)
          // Labels may be named so.
          expect(cause.sentence.replace(/"[^"]*"/g, '')).not.toMatch(/NaN(?!, inf)|undefined|Infinity/)
        },
      ),
      { numRuns: 500 },
    )
  })

  it('does not depend on the order of few rows', { timeout: 60_000 }, () => {
    const random = seeded(5)
    for (const shape of DEVELOPMENT.slice(3, 9)) {
      const stream = streamOf(shape, 200, 3)
      for (const fault of FAULTS) {
        const turned = faulty(stream, fault, seeded(1))
        if (turned === null) continue
        const shuffled = turned.map(one => [random.next(), one] as const).sort((a, b) => a[0] - b[0])
        expect(
          judge(
            stream,
            shuffled.map(([, one]) => one),
          ),
          `${shape.name}: ${fault.name}`,
        ).toEqual(judge(stream, turned))
      }
    }
  })

  it('is in the README and in the schema, by every code', () => {
    const readme = readFileSync('README.md', 'utf8')
    const schema = readFileSync('schemas/alert.avsc', 'utf8')
    for (const code of Object.keys(CAUSE_CODES)) {
      expect(readme, code).toContain(`\`${code}\``)
      expect(schema, code).toContain(code)
    }
  })
})

describe('spelling', () => {
  it('is plain once, and twins differ in some way', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), label => {
        expect(plain(`  ${label}\t`)).toBe(plain(label))
      }),
    )
    expect(differences('CASH ', 'cash')).toEqual(['white space', 'case'])
    expect(differences('007', '7')).toEqual(['leading zeros'])
    expect(plain('0')).toBe('0')
    expect(plain('007')).not.toBe(plain('070'))
  })
})
