import { activeBaseline } from '../core/baseline/active.js'
import type { FeatureBaseline } from '../core/baseline/baseline.js'
import { originText } from '../core/derive/words.js'
import { categoricalCells } from '../core/detect/cells.js'
import { ecdf } from '../core/sketch/ecdf.js'
import { kolmogorovSmirnov } from '../core/statistic/kolmogorov-smirnov.js'
import { psi } from '../core/statistic/psi.js'
import { wasserstein } from '../core/statistic/wasserstein.js'
import { historyOf, historyText, swingsOf } from './baseline-history.js'
import { manifest, pick, tellLoaded, withKnowledge } from './baseline-table.js'
import { colours as pc } from './colours.js'
import { table, time } from './output.js'

export async function list(model: string | undefined, { json }: { json?: boolean }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const models = model === undefined ? knowledge.models() : [model]
    const all = models.flatMap(name => {
      const words = knowledge.activations(name)
      return knowledge.baselines(name).map(baseline => ({
        ...manifest(baseline),
        active:
          activeBaseline(knowledge.baselines(name), words, baseline.modelVersion ?? '', Number.POSITIVE_INFINITY)
            ?.baseline === baseline,
      }))
    })
    if (json) return console.log(JSON.stringify(all))
    if (all.length === 0)
      return console.log('no baselines; load one with `driftline baseline load FILE --monitor MONITOR`')
    const rows = all.map(one => [
      one.model,
      String(one.version),
      one.active ? pc.green('active') : '',
      one.modelVersion ?? 'any',
      String(one.rows),
      String(one.features),
      one.from === null ? 'the beginning' : time(one.from),
      one.source,
      one.hash.slice(0, 12),
    ])
    console.log(
      table(['model', 'version', '', 'model version', 'rows', 'features', 'counts from', 'source', 'hash'], rows),
    )
  })
}

export async function show(model: string, version: string | undefined, { json }: { json?: boolean }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const baseline = pick(knowledge, model, version === undefined ? undefined : Number(version))
    if (json) return console.log(JSON.stringify({ ...manifest(baseline), features: baseline.features.map(contract) }))
    tellLoaded(baseline, baseline.source)
    const told = new Map(baseline.leakage?.features.map(one => [one.feature, one] as const).reverse())
    const rows = baseline.features.map(feature => {
      const { name, kind, numeric, values, segments, origin } = feature
      const whole = segments.get('')
      const what = numeric
        ? `median ${short(numeric.fences.q50)}, 98 % in [${short(numeric.fences.q01)}, ${short(numeric.fences.q99)}], atoms ${[...numeric.grid.atoms].map(short).join(' ') || 'none'}`
        : values.slice(0, 6).join(', ') + (values.length > 6 ? ` and ${values.length - 6} more` : '')
      const leak = told.get(name)
      const alone = leak === undefined ? '' : `${leak.measure} ${leak.low.toFixed(3)}–${leak.high.toFixed(3)}`
      const words = origin ? `${originText(origin)}; ${what}` : what
      return [name, kind, String(whole?.rows ?? 0), historyText(feature), alone, words]
    })
    const tells = baseline.leakage ? `tells ${baseline.leakage.label}` : ''
    console.log(table(['feature', 'kind', 'rows', 'history', tells, 'values'], rows))
  })
}

const short = (x: number): string => String(Number(x.toPrecision(4)))

export async function diff(model: string, a: string, b: string, { json }: { json?: boolean }): Promise<void> {
  await withKnowledge(async (_, knowledge) => {
    const [one, two] = [pick(knowledge, model, Number(a)), pick(knowledge, model, Number(b))]
    const names = [...new Set([...one.features, ...two.features].map(({ name }) => name))].sort()
    const found = names.map(name => {
      const [x, y] = [one, two].map(baseline => baseline.features.find(feature => feature.name === name))
      if (x === undefined || y === undefined)
        return { name, note: x === undefined ? `only in ${b}` : `only in ${a}`, psi: null, ks: null, w1: null }
      if (x.kind !== y.kind) return { name, note: `${x.kind} → ${y.kind}`, psi: null, ks: null, w1: null }
      const medians = [x, y].map(feature => feature.numeric && short(feature.numeric.fences.q50))
      return { name, note: medians[0] === null ? '' : `median ${medians.join(' → ')}`, ...distance(x, y) }
    })
    if (json) return console.log(JSON.stringify(found))
    const cell = (value: number | null): string => (value === null ? '–' : value.toFixed(3))
    console.log(
      table(
        ['feature', 'psi', 'ks', 'w1/σ', ''],
        found.map(one => [one.name, cell(one.psi), cell(one.ks), cell(one.w1), one.note]),
      ),
    )
  })
}

/** Numeric features by their curves (their bins differ), the others over the first version's values. */
function distance(
  x: FeatureBaseline,
  y: FeatureBaseline,
): { psi: number | null; ks: number | null; w1: number | null } {
  const [a, b] = [x, y].map(feature => feature.segments.get('')!)
  if (x.numeric && y.numeric) {
    const curves = [ecdf(a.sketch.numeric!, x.numeric.grid), ecdf(b.sketch.numeric!, y.numeric.grid)] as const
    return { psi: null, ks: kolmogorovSmirnov(...curves), w1: wasserstein(...curves) / x.numeric.sigma }
  }
  const cells = categoricalCells(x, a.sketch.categorical!, b.sketch.categorical!, Number.POSITIVE_INFINITY)
  return { psi: psi(cells.baseline, cells.window), ks: null, w1: null }
}

function contract(feature: FeatureBaseline) {
  const { name, kind, unit, numeric, values, origin } = feature
  const cuts = numeric && {
    edges: [...numeric.quantileEdges],
    atoms: [...numeric.grid.atoms],
    sigma: numeric.sigma,
    fences: numeric.fences,
  }
  const earlier = { history: historyOf(feature), swings: swingsOf(feature) }
  return { name, kind, unit, numeric: cuts, values, ...earlier, ...(origin ? { origin } : {}) }
}
