/** A DuckDB type: a record of named types, or any other as text. */
export type NestedType =
  | { readonly fields: readonly (readonly [name: string, type: NestedType])[] }
  | { readonly leaf: string }

/** Reads DuckDB's own notation: `STRUCT(a BIGINT, "b c" STRUCT(d VARCHAR))`. Lists of records are leaves. */
export function parseType(text: string): NestedType {
  if (!text.startsWith('STRUCT(') || !text.endsWith(')')) return { leaf: text }
  return { fields: split(text.slice('STRUCT('.length, -1)).map(field) }
}

export function formatType(type: NestedType, leaf: (text: string) => string): string {
  if ('leaf' in type) return leaf(type.leaf)
  const fields = type.fields.map(([name, inner]) => `"${name.replaceAll('"', '""')}" ${formatType(inner, leaf)}`)
  return `STRUCT(${fields.join(', ')})`
}

/** Every leaf with its path. */
export function leaves(type: NestedType, path: readonly string[]): { path: readonly string[]; type: string }[] {
  if ('leaf' in type) return [{ path, type: type.leaf }]
  return type.fields.flatMap(([name, inner]) => leaves(inner, [...path, name]))
}

function field(text: string): readonly [string, NestedType] {
  const quoted = /^"((?:[^"]|"")*)" /.exec(text)
  if (quoted) return [quoted[1]!.replaceAll('""', '"'), parseType(text.slice(quoted[0].length))]
  const space = text.indexOf(' ')
  return [text.slice(0, space), parseType(text.slice(space + 1))]
}

/** At commas outside of brackets and quotes. */
function split(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let quote = ''
  let start = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!
    if (quote) {
      if (c === quote) quote = ''
    } else if (c === '"' || c === "'") quote = c
    else if (c === '(') depth++
    else if (c === ')') depth--
    else if (c === ',' && depth === 0) {
      parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  parts.push(text.slice(start).trim())
  return parts
}
