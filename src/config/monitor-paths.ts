import type { Path } from '../core/monitor.js'

/** By name: the order of keys in the file means nothing, so it must not reach parts or ids. */
export function inOrder<V>(map: Readonly<Record<string, V>>): [string, V][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1))
}

export function split(path: string): Path {
  return path.split('.')
}

export function splitOrNull(path: string | undefined): Path | null {
  return path === undefined ? null : split(path)
}
