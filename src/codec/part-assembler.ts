import type { SketchState } from '../core/sketch/state.js'
import type { Leaf, Part } from '../core/window/part.js'
import { ChunkAssembler } from './chunks.js'
import type { PartChunk } from './part.js'

/** Of parts of rows. */
export class PartAssembler extends ChunkAssembler<Part, PartChunk> {
  constructor() {
    super(chunks => ({ ...chunks.at(-1)!.part, keys: chunks[0].part.keys, leaves: join(chunks) }))
  }
}

/** Leaves by their place; one that was split has its features in the order of the chunks. */
function join(chunks: readonly PartChunk[]): Leaf[] {
  const leaves: Leaf[][] = []
  for (const { part, places } of chunks)
    for (const [i, leaf] of part.leaves.entries()) (leaves[places[i]] ??= []).push(leaf)
  return leaves.map(pieces => packedLeaf(pieces[0], () => featuresOf(pieces)))
}

function* featuresOf(pieces: readonly Leaf[]): Generator<SketchState> {
  for (const piece of pieces) yield* piece.unpacked!()
}

/** A leaf whose features are unpacked whenever they are asked for. */
export function packedLeaf(
  { group, values, rows }: Pick<Leaf, 'group' | 'values' | 'rows'>,
  unpacked: () => Iterable<SketchState>,
): Leaf {
  return {
    ...{ group, values, rows, unpacked },
    get features() {
      return [...unpacked()]
    },
  }
}
