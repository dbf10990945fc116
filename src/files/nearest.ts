import { editDistance } from '../core/edit-distance.js'

/** Up to `most` of the names that are nearest to the one asked for, by edit distance; a shared part counts as near. */
export function nearest(asked: string, names: readonly string[], most = 3): string[] {
  const wanted = asked.toLowerCase()
  return names
    .map(name => ({ name, distance: editDistance(wanted, name.toLowerCase()) }))
    .filter(({ name, distance }) => distance <= Math.max(2, asked.length / 2) || name.toLowerCase().includes(wanted))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, most)
    .map(({ name }) => name)
}
