import type { Grid } from '../baseline/grid.js'
import { Digest } from './digest.js'
import { cdfAt, ecdf } from './ecdf.js'
import { countWeighted, emptyCells } from './grid-cells.js'
import { FrequentNumbers } from './heavy-numbers.js'
import { indexOf, upperBound } from './search.js'
import type { HeavyNumbers, NumericState, SketchState, Weighted } from './state.js'

const NONE: Grid = { edges: new Float64Array(0), atoms: new Float64Array(0) }

const unions = new WeakMap<Grid, WeakMap<Grid, Grid>>()

/** Counts at either grid are sums of counts at the union. Made once for each pair. */
export function unionGrid(a: Grid, b: Grid): Grid {
  let known = unions.get(a)
  if (known === undefined) unions.set(a, (known = new WeakMap()))
  let both = known.get(b)
  if (both === undefined) known.set(b, (both = { edges: union(a.edges, b.edges), atoms: union(a.atoms, b.atoms) }))
  return both
}

function union(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from(new Set([...a, ...b])).sort()
}

/** Cell of `to` by cell of `from`; null where `from` lacks an edge or an atom of `to`. */
type Mapping = Int32Array | null
/** By the edges of `to`: grids are written anew from edges and atoms that stay the same. */
const mappings = new WeakMap<Grid, WeakMap<Float64Array, { readonly atoms: Float64Array; readonly mapping: Mapping }>>()

function mappingOf(from: Grid, to: Grid): Mapping {
  let known = mappings.get(from)
  if (known === undefined) mappings.set(from, (known = new WeakMap()))
  let one = known.get(to.edges)
  if (one?.atoms !== to.atoms) known.set(to.edges, (one = { atoms: to.atoms, mapping: makeMapping(from, to) }))
  return one.mapping
}

/** Cell of `to` by cell of `from`, which has every edge and atom of `to`. */
export function cellMapping(from: Grid, to: Grid): Int32Array {
  const mapping = makeMapping(from, to)
  if (mapping === null) throw uncovered()
  return mapping
}

const uncovered = (): RangeError =>
  new RangeError('Counts can only be projected to edges and atoms that they were counted at')

function makeMapping(from: Grid, to: Grid): Mapping {
  const covered = to.edges.every(x => indexOf(from.edges, x) >= 0) && to.atoms.every(x => indexOf(from.atoms, x) >= 0)
  if (!covered) return null
  const bins = to.atoms.length
  const binOf = (x: number): number => bins + upperBound(to.edges, 0, to.edges.length, x)
  const mapping = new Int32Array(emptyCells(from).length)
  for (const [a, atom] of from.atoms.entries()) {
    const same = indexOf(to.atoms, atom)
    mapping[a] = same >= 0 ? same : binOf(atom)
  }
  for (let b = 0; b <= from.edges.length; b++)
    mapping[from.atoms.length + b] = b === 0 ? bins : binOf(from.edges[b - 1])
  return mapping
}

/**
 * The same counts at a coarser grid: every edge and every atom of `to` is one of `from`. Exact: an atom that `to` does not have is added to
 * the bin it lies in.
 */
export function projectCells(cells: Float64Array, from: Grid, to: Grid): Float64Array {
  const mapping = mappingOf(from, to)
  if (mapping === null) throw uncovered()
  const projected = emptyCells(to)
  for (let c = 0; c < mapping.length; c++) projected[mapping[c]] += cells[c]
  return projected
}

/**
 * A sketch whose cells count at `from`, as one that had counted at `to`. Exact where `from` has all edges and atoms of `to` or the values
 * are counted one by one; else (a part from before the baseline) the new cells are estimates of the digest's accuracy.
 */
export function projectSketch(state: SketchState, from: Grid | null, to: Grid | null): SketchState {
  const { numeric } = state
  if (numeric === null || from === to) return state
  const mapping = mappingOf(from ?? NONE, to ?? NONE)
  if (from !== null && to !== null && mapping?.length === emptyCells(to).length && mapping.every((to, c) => to === c))
    return state
  return {
    ...state,
    numeric: numeric.exact === null ? project(numeric, from, to) : recount(numeric, numeric.exact, to),
  }
}

function recount(numeric: NumericState, { values, weights }: Weighted, to: Grid | null): NumericState {
  const cells = emptyCells(to)
  if (to !== null) countWeighted(to, cells, values, weights, values.length)
  return { ...numeric, cells }
}

function project(numeric: NumericState, from: Grid | null, to: Grid | null): NumericState {
  const joining = [...(from ?? NONE).atoms.keys()].filter(
    a => numeric.cells[a] > 0 && indexOf((to ?? NONE).atoms, from!.atoms[a]) < 0,
  )
  const atoms: Weighted = {
    values: Float64Array.from(joining, a => from!.atoms[a]),
    weights: Float64Array.from(joining, a => numeric.cells[a]),
  }
  const leaving = [...(to ?? NONE).atoms].filter(atom => indexOf((from ?? NONE).atoms, atom) < 0)
  const counted = Float64Array.from(leaving, atom => likelyCount(numeric.heavy!, atom))
  const gone: Weighted = { values: Float64Array.from(leaving), weights: counted }
  return {
    ...numeric,
    cells: to === null ? emptyCells(null) : cellsAt(numeric, from, to, gone),
    digest: joined(withdraw(numeric.digest!, gone), atoms),
    heavy: joinedHeavy(numeric.heavy!, atoms, gone),
  }
}

/** Half way between what Space-Saving says at least and at most. */
function likelyCount({ values, counts, errors }: HeavyNumbers, value: number): number {
  const at = indexOf(values, value)
  return at < 0 ? 0 : Math.round(counts[at] - errors[at] / 2)
}

function cellsAt(numeric: NumericState, from: Grid | null, to: Grid, gone: Weighted): Float64Array {
  const mapping = from === null ? null : mappingOf(from, to)
  if (mapping !== null) return projectCells(numeric.cells, from!, to)
  const cells = emptyCells(to)
  const curve = ecdf(numeric, from)
  let before = 0
  for (let b = 0; b <= to.edges.length; b++) {
    const rank = b === to.edges.length ? numeric.count : Math.round(cdfAt(curve, to.edges[b], 'left') * numeric.count)
    cells[to.atoms.length + b] = rank - before
    before = rank
  }
  for (const [a, atom] of to.atoms.entries()) {
    const known = indexOf((from ?? NONE).atoms, atom)
    const bin = to.atoms.length + upperBound(to.edges, 0, to.edges.length, atom)
    const mass = known >= 0 ? numeric.cells[known] : gone.weights[indexOf(gone.values, atom)]
    cells[a] = Math.min(mass, cells[bin])
    cells[bin] -= cells[a]
  }
  return cells
}

/** The digest without values that are counted as atoms from now on: they are taken off the nearest centroids. */
export function withdraw({ values, weights }: Weighted, gone: Weighted): Weighted {
  const left = weights.slice()
  for (const [g, value] of gone.values.entries()) {
    let mass = gone.weights[g]
    if (mass === 0) continue
    const nearest = [...values.keys()].sort((a, b) => Math.abs(values[a] - value) - Math.abs(values[b] - value))
    for (const i of nearest) {
      const taken = Math.min(left[i], mass)
      left[i] -= taken
      mass -= taken
      if (mass <= 0) break
    }
  }
  const kept = [...left.keys()].filter(i => left[i] > 0)
  return { values: Float64Array.from(kept, i => values[i]), weights: Float64Array.from(kept, i => left[i]) }
}

function joined(digest: Weighted, { values, weights }: Weighted): Weighted {
  if (values.length === 0) return digest
  const sum = new Digest()
  sum.mergeWeighted(digest.values, digest.weights, digest.values.length)
  sum.mergeWeighted(values, weights, values.length)
  return sum.state()
}

function joinedHeavy(heavy: HeavyNumbers, { values, weights }: Weighted, gone: Weighted): HeavyNumbers {
  const kept = [...heavy.values.keys()].filter(i => indexOf(gone.values, heavy.values[i]) < 0)
  const sum = new FrequentNumbers()
  const pick = (from: Float64Array): Float64Array => Float64Array.from(kept, i => from[i])
  const { counts, errors, floor } = heavy
  sum.add({ values: pick(heavy.values), counts: pick(counts), errors: pick(errors), floor })
  sum.addWeighted(values, weights, values.length)
  return sum.state()
}
