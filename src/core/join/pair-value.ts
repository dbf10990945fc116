import { type Flag, INFINITE, MISSING, NAN, NULL, NUMBER, NUMERIC_TEXT, TEXT, UNSAFE, WRONG_TYPE } from '../row.js'

/** A value that is neither number nor category where one was expected: only its type is known. */
export class Odd {
  constructor(
    readonly flag: Flag,
    readonly name: string,
  ) {}
}

const ODDS: ReadonlyMap<number, Odd> = new Map(
  (
    [
      [INFINITE, 'an infinite number'],
      [NUMERIC_TEXT, 'a number as text'],
      [UNSAFE, 'an integer beyond 2^53'],
      [WRONG_TYPE, 'another type'],
    ] as const
  ).map(([flag, name]) => [flag, new Odd(flag, name)]),
)

/** One value of a row of pairs; undefined: the row does not have the column, null: it has no value there. */
export type PairValue = number | string | Odd | null | undefined

/** @param value the number, or the text where the flag is TEXT */
export function pairValue(flag: number, value: number | string): PairValue {
  if (flag === NUMBER || flag === TEXT) return value
  if (flag === NAN) return Number.NaN
  return flag === MISSING ? undefined : flag === NULL ? null : ODDS.get(flag)
}

/** The flag that rows have for it. */
export function flagOf(value: PairValue): Flag {
  if (value === undefined) return MISSING
  if (value === null) return NULL
  if (typeof value === 'string') return TEXT
  if (typeof value === 'number') return Number.isNaN(value) ? NAN : NUMBER
  return value.flag
}
