import { DriftlineError } from '../core/error.js'
import { type Tolerance, USUAL_TOLERANCE } from '../core/join/tolerance.js'
import { parseFieldMap } from '../files/field-map.js'
import type { PairNames } from '../files/pair-columns.js'
import type { FileFlags } from './file-options.js'

export interface CompareFlags extends FileFlags {
  readonly key: string[]
  readonly time?: string
  readonly entity?: string
  readonly tolerance: string[]
  readonly features?: string[]
  readonly ignore: string[]
  readonly map: string[]
  readonly examples: string
  readonly showValues?: boolean
  readonly maxMismatch: string
  /** True: to stdout; a text: to that file. */
  readonly json?: boolean | string
}

export function pairNames(flags: CompareFlags): PairNames {
  const time = flags.time === undefined ? undefined : parseFieldMap([`time=${flags.time}`]).get('time')
  if (time !== undefined && !('column' in time))
    throw new DriftlineError(
      'bad-input',
      `--time ${flags.time}: expected a column, or column:unit (ms, us, ns, s, iso)`,
    )
  if ((time === undefined) !== (flags.entity === undefined))
    throw new DriftlineError(
      'bad-input',
      '--time and --entity go together: both are needed to see whether values are late',
    )
  return {
    key: flags.key,
    time: time ?? null,
    entity: flags.entity ?? null,
    features: flags.features ?? null,
    ignore: flags.ignore,
    map: new Map(flags.map.map(nameInB)),
  }
}

function nameInB(option: string): [string, string] {
  const [, a, b] = /^([^=]+)=(.+)$/s.exec(option) ?? []
  if (a !== undefined && b !== undefined) return [a, b]
  throw new DriftlineError('bad-input', `--map ${option}: expected the name in A, =, and the name in B`)
}

/** `abs:0.01,rel:1e-6` for all features, `fare=abs:0.01` for one, which then has no other. */
export function tolerances(options: readonly string[]): (feature: string) => Tolerance {
  let usual = USUAL_TOLERANCE
  const own = new Map<string, Tolerance>()
  for (const option of options) {
    const at = option.lastIndexOf('=')
    const tolerance = toleranceOf(option, option.slice(at + 1))
    if (at < 0) usual = tolerance
    else own.set(option.slice(0, at), tolerance)
  }
  return feature => own.get(feature) ?? usual
}

/** Names that have a tolerance of their own. */
export function toleratedNames(options: readonly string[]): string[] {
  return options.filter(option => option.includes('=')).map(option => option.slice(0, option.lastIndexOf('=')))
}

function toleranceOf(option: string, text: string): Tolerance {
  const tolerance = { abs: 0, rel: 0 }
  for (const part of text.split(',')) {
    const [, kind, value] = /^(abs|rel):(.+)$/.exec(part) ?? []
    const amount = Number(value)
    if (kind === undefined || !Number.isFinite(amount) || amount < 0)
      throw new DriftlineError(
        'bad-input',
        `--tolerance ${option}: expected abs:NUMBER, rel:NUMBER or both with a comma, such as abs:0.01,rel:1e-6 or fare=abs:0.01`,
      )
    tolerance[kind as 'abs' | 'rel'] = amount
  }
  return tolerance
}

/** `0.01`, `1%` or `1 %`. */
export function parseShare(option: string, text: string): number {
  const [, digits, percent] = /^([\d.]+(?:e-?\d+)?)\s*(%?)$/.exec(text) ?? []
  const share = Number(digits) / (percent ? 100 : 1)
  if (digits !== undefined && share >= 0 && share <= 1) return share
  throw new DriftlineError('bad-input', `${option} ${text}: expected a share from 0 to 1, such as 0.001, or 0.1%`)
}

export function parseCount(option: string, text: string, most: number): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 0 && count <= most) return count
  throw new DriftlineError('bad-input', `${option} ${text}: expected a whole number from 0 to ${most}`)
}
