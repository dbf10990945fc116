import { MOST_VERSIONS } from './caps.js'
import type { DueWindow } from './collector.js'
import { OTHER } from './view.js'

/** The window with its model versions: beyond those with the most rows, all as `other`. */
export function withinVersions(due: DueWindow): DueWindow {
  const rows = new Map<string, number>()
  for (const part of due.parts) rows.set(part.modelVersion, part.rows + (rows.get(part.modelVersion) ?? 0))
  if (rows.size <= MOST_VERSIONS + 1) return due
  const most = [...rows].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).slice(0, MOST_VERSIONS)
  const kept = new Set([OTHER, ...most.map(([version]) => version)])
  const parts = due.parts.map(part => {
    if (kept.has(part.modelVersion)) return part
    const omitted = { cap: 'versions', limit: MOST_VERSIONS, rows: part.rows, values: 0 } as const
    return { ...part, modelVersion: OTHER, omitted: [...part.omitted, omitted] }
  })
  return { ...due, parts }
}
