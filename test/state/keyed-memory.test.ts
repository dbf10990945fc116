import { describe } from 'vitest'
import { MemoryKeyed } from '../../src/state/keyed-memory.js'
import { keyedContract } from './keyed-contract.js'

describe('entries by key in memory', () => {
  keyedContract(async () => {
    const store = new MemoryKeyed()
    return { store, other: store, stop: () => store.close() }
  })
})
