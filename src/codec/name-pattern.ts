/** A name, or a pattern of names, as `serving.features` and `serving.ignore` have them. */
export interface NamePattern {
  readonly literal: boolean
  matches(name: string): boolean
}

/** `*` stands for any run of characters. */
export function patternOf(pattern: string): NamePattern {
  if (!pattern.includes('*')) return { literal: true, matches: name => name === pattern }
  const expression = new RegExp(`^${pattern.split('*').map(quoted).join('.*')}$`, 's')
  return { literal: false, matches: name => expression.test(name) }
}

function quoted(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
