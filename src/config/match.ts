/** Whether a name is meant by a pattern in which `*` stands for any text. */
export function matches(pattern: string, name: string): boolean {
  const [head, ...rest] = pattern.split('*') as [string, ...string[]]
  if (rest.length === 0) return pattern === name
  const tail = rest.pop()!
  if (name.length < head.length + tail.length || !name.startsWith(head) || !name.endsWith(tail)) return false
  let from = head.length
  for (const piece of rest) {
    const at = name.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return from <= name.length - tail.length
}
