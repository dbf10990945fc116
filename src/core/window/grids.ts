import type { Baseline, FeatureBaseline } from '../baseline/baseline.js'
import type { Grid } from '../baseline/grid.js'
import { unionGrid } from '../sketch/project.js'
import type { Part } from './part.js'
import type { Grids } from './view.js'

/**
 * The grids that parts count at: the union of the grids of the baselines that they name.
 * @param baselines all that are known of the model
 * @param contracts features of the baseline that judges; cells are wanted at their grids
 */
export function gridsOf(
  baselines: readonly Baseline[],
  contracts: ReadonlyMap<string, Pick<FeatureBaseline, 'numeric'>>,
): Grids {
  const byVersions = new Map<string, ReadonlyMap<string, Grid>>()
  const byPart = new Map<Part, ReadonlyMap<string, Grid>>()
  const gridsOfPart = (part: Part): ReadonlyMap<string, Grid> => {
    const key = part.baselines.join()
    let grids = byVersions.get(key)
    if (grids === undefined) {
      const counted = baselines.filter(({ version }) => part.baselines.includes(version))
      byVersions.set(key, (grids = unions(counted)))
    }
    byPart.set(part, grids)
    return grids
  }
  return {
    wanted: feature => contracts.get(feature)?.numeric?.grid ?? null,
    of: (part, feature) => (byPart.get(part) ?? gridsOfPart(part)).get(feature) ?? null,
  }
}

/** By feature; a feature that only one baseline has keeps its grid as it is. */
function unions(baselines: readonly Baseline[]): ReadonlyMap<string, Grid> {
  const grids = new Map<string, Grid>()
  for (const { features } of baselines) {
    for (const { name, numeric } of features) {
      if (numeric === null) continue
      const known = grids.get(name)
      grids.set(name, known === undefined ? numeric.grid : unionGrid(known, numeric.grid))
    }
  }
  return grids
}
