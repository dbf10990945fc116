import fc from 'fast-check'
import kafkajs from 'kafkajs'
import { expect, it } from 'vitest'
import { partitionOf } from '../../src/log/partition.js'

it('is the partition that the default partitioner of kafkajs, and so of Java, chooses', () => {
  const reference = kafkajs.Partitioners.DefaultPartitioner()
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 50 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }))
      const chosen = reference({
        topic: 't',
        partitionMetadata: partitionMetadata as never,
        message: { key: Buffer.from(key), value: null },
      })
      expect(partitionOf(key, partitions)).toBe(chosen)
    }),
  )
})

it('takes a text as its UTF-8 bytes', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), key => {
      expect(partitionOf(key, 1000)).toBe(partitionOf(Buffer.from(key), 1000))
    }),
  )
})
