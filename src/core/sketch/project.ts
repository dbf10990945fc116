import type { Grid } from '../baseline/grid.js'
import { Digest } from './digest.js'
import { upperBound } from './numeric-sketch.js'
import type { SketchState, Weighted } from './state.js'

/** Counts at either grid are sums of counts at the union. */
export function unionGrid(a: Grid, b: Grid): Grid {
  return { edges: union(a.edges, b.edges), atoms: union(a.atoms, b.atoms) }
}

function union(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from(new Set([...a, ...b])).sort()
}

/**
 * The same counts at a coarser grid: every edge and every atom of `to` is one of `from`. Exact: an atom that `to` does not have is added to
 * the bin it lies in.
 */
export function projectCells(cells: Float64Array, from: Grid, to: Grid): Float64Array {
  const projected = new Float64Array(to.atoms.length + to.edges.length + 1)
  const bins = to.atoms.length
  const binOf = (x: number): number => bins + upperBound(to.edges, 0, to.edges.length, x)
  for (let a = 0; a < from.atoms.length; a++) {
    const atom = to.atoms.indexOf(from.atoms[a])
    projected[atom >= 0 ? atom : binOf(from.atoms[a])] += cells[a]
  }
  for (let b = 0; b <= from.edges.length; b++) {
    const bin = b === 0 ? bins : binOf(from.edges[b - 1])
    projected[bin] += cells[from.atoms.length + b]
  }
  return projected
}

/** A sketch whose cells count at `from`, as one that had counted at `to` (see `projectCells`). */
export function projectSketch(state: SketchState, from: Grid | null, to: Grid | null): SketchState {
  const { numeric } = state
  if (numeric === null || from === to || from === null) return state
  if (to === null)
    return { ...state, numeric: { ...numeric, cells: new Float64Array(0), digest: withAtoms(numeric, from, null) } }
  return {
    ...state,
    numeric: { ...numeric, cells: projectCells(numeric.cells, from, to), digest: withAtoms(numeric, from, to) },
  }
}

/** The digest with the atoms that `to` does not count apart. */
function withAtoms(
  numeric: { digest: Weighted | null; cells: Float64Array },
  from: Grid,
  to: Grid | null,
): Weighted | null {
  if (numeric.digest === null) return null
  const joining = [...from.atoms.keys()].filter(a => numeric.cells[a] > 0 && !to?.atoms.includes(from.atoms[a]))
  if (joining.length === 0) return numeric.digest
  const digest = new Digest()
  digest.add(numeric.digest)
  digest.add({
    values: Float64Array.from(joining, a => from.atoms[a]),
    weights: Float64Array.from(joining, a => numeric.cells[a]),
  })
  return digest.state()
}
