import { type Body, labelled, some } from './fault.js'
import type { Profile } from './profile.js'

export const unseen = (share: number): Body => ({
  applies: labelled,
  start:
    () =>
    ({ values, random }) =>
      some(values, share, random, () => 'never seen before'),
})

/** The two labels whose exchange moves most; both hold a twentieth of the rows, and their shares are 10 points apart. */
function exchanged({ labels }: Profile): readonly [string, string] | null {
  const frequent = labels.filter(({ share }) => share >= 0.05)
  const [first, last] = [frequent[0], frequent.at(-1)]
  return first !== undefined && last !== undefined && first.share - last.share >= 0.1 ? [first.label, last.label] : null
}

export const permuted: Body = {
  applies: p => labelled(p) && exchanged(p) !== null,
  start: p => {
    const [a, b] = exchanged(p)!
    return ({ values }) => values.map(value => (value === a ? b : value === b ? a : value))
  },
}

/** Ways to write a label otherwise. */
const SPELLINGS: readonly ((label: string) => string)[] = [
  label => label.toUpperCase(),
  label => label.toLowerCase(),
  label => `${label} `,
  label => ` ${label}`,
  label => (/^\d+$/.test(label) ? label.replace(/^0+(?=\d)/, '') : label),
  label => (/^\d+$/.test(label) ? `0${label}` : label),
]
/** Those that alter at least half of the rows. */
const spellings = ({ labels }: Profile) =>
  SPELLINGS.filter(
    spell => labels.reduce((sum, { label, share }) => sum + (spell(label) === label ? 0 : share), 0) >= 0.5,
  )

export const respelled: Body = {
  applies: p => labelled(p) && spellings(p).length > 0,
  start: (p, choice) => {
    const spell = choice.pick(spellings(p))
    return ({ values }) => values.map(value => (typeof value === 'string' ? spell(value) : value))
  },
}
