import avsc from 'avsc'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EXACT_LONG, NEAR_LONG } from '../../src/codec/long-type.js'

const typeOf = (long: avsc.Type): avsc.Type => avsc.Type.forSchema(['null', 'long'], { registry: { long } })
const [exact, near] = [typeOf(EXACT_LONG), typeOf(NEAR_LONG)]
const back = (type: avsc.Type, value: unknown): unknown => type.fromBuffer(type.toBuffer(value))

describe('longs', () => {
  it('come back with all their bits, as numbers where these have them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.bigInt(-(2n ** 63n) + 1n, 2n ** 63n - 1n), fc.maxSafeInteger().map(BigInt)), value => {
        for (const type of [exact, near]) expect(BigInt(back(type, value) as number | bigint)).toBe(value)
        if (!Number.isSafeInteger(Number(value))) return
        for (const type of [exact, near]) expect(back(type, Number(value))).toBe(Number(value))
      }),
    )
  })

  it('beyond 2^53 are doubles only where they need not be exact, cut at 64 bits', () => {
    for (const value of [2 ** 53, 2 ** 60, -(2 ** 60), 1e25, -1e25]) {
      expect(exact.isValid(value)).toBe(false)
      expect(near.isValid(value)).toBe(true)
    }
    expect(back(near, 2 ** 60)).toBe(2n ** 60n)
    expect(back(near, 1e25)).toBe(2n ** 63n - 1n)
    expect(back(near, -1e25)).toBe(-(2n ** 63n) + 1n)
    for (const type of [exact, near]) for (const value of [0.5, '1', 2n ** 63n]) expect(type.isValid(value)).toBe(false)
  })
})
