import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { broken, MUTANTS } from './mutations.js'

it.each(MUTANTS)('there is a rule to break still: $name', mutant => {
  const text = readFileSync(mutant.file, 'utf8')
  expect(broken(mutant, text)).not.toBe(text)
})
