import type { Leaf, Part } from '../core/window/part.js'
import { ChunkAssembler } from './chunks.js'
import type { PartChunk } from './part.js'

/** Of parts of rows. */
export class PartAssembler extends ChunkAssembler<Part, PartChunk> {
  constructor() {
    super(chunks => {
      const { leaves: _, ...head } = chunks.at(-1)!.part
      return {
        ...head,
        keys: chunks[0].part.keys,
        get leaves() {
          return join(chunks)
        },
      }
    })
  }
}

/** Leaves by their place; one that was split has its features in the order of the chunks. */
function join(chunks: readonly PartChunk[]): Leaf[] {
  const leaves: Leaf[] = []
  for (const { part, places } of chunks) {
    part.leaves.forEach((leaf, i) => {
      const known = leaves[places[i]]
      leaves[places[i]] = known === undefined ? leaf : { ...known, features: [...known.features, ...leaf.features] }
    })
  }
  return leaves
}
