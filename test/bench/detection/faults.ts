import { seeded } from '../../random.js'
import { fromWindow, frozen, gone, imputed, median, nulled, nullsImputed, zero } from './absence-faults.js'
import { type Body, type Fault, SLOW } from './fault.js'
import { permuted, respelled, unseen } from './label-faults.js'
import {
  affine,
  asText,
  clipped,
  factor,
  flipped,
  otherZone,
  partly,
  rounded,
  shifted,
  slowly,
  truncated,
  wider,
} from './number-faults.js'
import type { Profile } from './profile.js'
import { type Column, seedOf } from './values.js'

/** Windows in which a fault that comes at once must be told, its first included. */
const WITHIN = 5

/** Codes that name a cause, the first the one that is meant. */
const CODES = {
  unit: ['unit'],
  scale: ['unit', 'distribution'],
  distribution: ['distribution'],
  nulls: ['null', 'nulls'],
  missing: ['missing', 'missing-source', 'null', 'nulls'],
  imputation: ['imputation'],
  partial: ['partial-unit'],
  unseen: ['unseen'],
  truncation: ['truncation'],
  rounding: ['rounding', 'truncation'],
  permuted: ['permuted-labels', 'permuted'],
  encoding: ['encoding'],
  clipping: ['clipping'],
  sign: ['sign-flip', 'sign'],
  stale: ['stale'],
  lagged: ['stale', 'lag', 'hours-shifted'],
  hours: ['hours-shifted', 'lag', 'stale'],
  type: ['type'],
} as const

const fault = (kind: string, size: Fault['size'], causes: readonly string[], body: Body, within = WITHIN): Fault => ({
  kind,
  size,
  causes,
  within,
  ...body,
})

/** STATISTICS §5 in the sizes of issue 4, part 12. */
export const FAULTS: readonly Fault[] = [
  fault('unit ×1.1', 'smaller', CODES.scale, factor(1.1)),
  fault('unit ×30.44', 'larger', CODES.unit, factor(30.44)),
  fault('unit ×1000', 'larger', CODES.unit, factor(1000)),
  fault('unit °F↔°C', 'larger', CODES.unit, affine),
  fault('shift .25σ', 'smaller', CODES.distribution, shifted(0.25)),
  fault('shift 1σ', 'larger', CODES.distribution, shifted(1)),
  fault('slow shift 1σ', 'larger', CODES.distribution, slowly, SLOW),
  fault('variance ×1.2', 'smaller', CODES.distribution, wider(1.2)),
  fault('variance ×1.5', 'larger', CODES.distribution, wider(1.5)),
  fault('nulls +3', 'smaller', CODES.nulls, nulled(0.03)),
  fault('nulls +15', 'larger', CODES.nulls, nulled(0.15)),
  fault('source all null', 'larger', CODES.missing, gone(null)),
  fault('source absent', 'larger', CODES.missing, gone(undefined)),
  fault('imputed 0, 3 %', 'smaller', CODES.imputation, imputed(0.03, zero)),
  fault('imputed 0, 15 %', 'larger', CODES.imputation, imputed(0.15, zero)),
  fault('imputed median, 3 %', 'smaller', CODES.imputation, imputed(0.03, median)),
  fault('imputed median, 15 %', 'larger', CODES.imputation, imputed(0.15, median)),
  fault('few nulls imputed', 'smaller', CODES.imputation, nullsImputed(0.01, 0.1, zero)),
  fault('many nulls imputed', 'larger', CODES.imputation, nullsImputed(0.1, 1, median)),
  fault('partial unit 5 %', 'smaller', CODES.partial, partly(0.05)),
  fault('partial unit 30 %', 'larger', CODES.partial, partly(0.3)),
  fault('unseen 2 %', 'smaller', CODES.unseen, unseen(0.02)),
  fault('unseen 10 %', 'larger', CODES.unseen, unseen(0.1)),
  fault('labels permuted', 'larger', CODES.permuted, permuted),
  fault('labels respelled', 'larger', CODES.encoding, respelled),
  fault('truncated', 'larger', CODES.truncation, truncated),
  fault('rounded', 'larger', CODES.rounding, rounded),
  fault('clipped at q.99', 'smaller', CODES.clipping, clipped(0.99)),
  fault('clipped at q.95', 'larger', CODES.clipping, clipped(0.95)),
  fault('sign flipped', 'larger', CODES.sign, flipped),
  fault('stale, frozen', 'larger', CODES.stale, frozen),
  fault('stale, 6 windows behind', 'smaller', CODES.lagged, fromWindow(-6)),
  fault('hours shifted by 6', 'smaller', CODES.hours, fromWindow(6)),
  fault('hour of another zone', 'larger', CODES.hours, otherZone),
  fault('numbers as text', 'larger', CODES.type, asText),
]

/** The values of one window under a fault; the same at every call. */
export function injection(fault: Fault, profile: Profile, seed: number) {
  const change = fault.start(profile, seeded(seed))
  return (values: Column, age: number, clean: (offset: number) => Column): Column =>
    change({ values, age, clean, profile, random: seeded(seedOf(seed, age)) })
}
