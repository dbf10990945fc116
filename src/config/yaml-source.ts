import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  visit,
} from 'yaml'
import type { Fault, FaultKind } from './fault.js'

const LOST = '__proto__'

export type FieldPath = readonly PropertyKey[]

/** A YAML text whose fields are found again by path, for messages. */
export class YamlSource {
  readonly #lines = new LineCounter()
  readonly #document: Document

  constructor(
    readonly file: string,
    text: string,
  ) {
    // String keys, because a check is called `null`.
    this.#document = parseDocument(text, { lineCounter: this.#lines, stringKeys: true, logLevel: 'error' })
  }

  /** What the text says, or why it is not YAML. */
  read(): { readonly value: unknown; readonly faults: readonly Fault[] } {
    const problems = [...this.#document.errors, ...this.#document.warnings]
    if (problems.length > 0) return { value: undefined, faults: problems.map(problem => this.#syntaxFault(problem)) }
    const lost = this.#lostKeys()
    if (lost.length > 0) return { value: undefined, faults: lost }
    try {
      return { value: this.#document.toJS({ maxAliasCount: 50 }), faults: [] }
    } catch (error) {
      const pos = this.#badAlias()
      return {
        value: undefined,
        faults: [this.#syntaxFault({ code: 'ALIAS', message: (error as Error).message, pos: [pos, pos] })],
      }
    }
  }

  /** @param at the key of the field, or its value; the nearest field around it where there is none */
  fault(
    kind: FaultKind,
    path: FieldPath,
    at: 'key' | 'value',
    text: Pick<Fault, 'expected' | 'found' | 'remedy'>,
  ): Fault {
    return { kind, file: this.file, ...this.position(path, at), field: path.map(String).join('.'), ...text }
  }

  position(path: FieldPath, at: 'key' | 'value'): { line: number; column: number } {
    let node: unknown = this.#document.contents
    let offset = startOf(node) ?? 0
    for (const [depth, step] of path.entries()) {
      if (isAlias(node)) node = node.resolve(this.#document)
      const pair = isMap(node) ? node.items.find(item => keyOf(item) === String(step)) : undefined
      const next = isSeq(node) ? node.items[Number(step)] : pair?.value
      if (pair === undefined && next === undefined) break
      const key = startOf(pair?.key)
      const wanted = at === 'key' && depth === path.length - 1 ? key : (startOf(next) ?? key)
      offset = wanted ?? key ?? offset
      node = next
    }
    return this.#lineOf(offset)
  }

  /** Keys that zod's records leave out without a word: a condition so named would not hold. */
  #lostKeys(): Fault[] {
    const offsets: number[] = []
    visit(this.#document, { Pair: (_, pair) => void (keyOf(pair) === LOST && offsets.push(startOf(pair.key) ?? 0)) })
    return offsets.map(offset => ({
      ...{ kind: 'unknown-key', file: this.file, ...this.#lineOf(offset), field: '' },
      ...{ expected: 'another name', found: JSON.stringify(LOST), remedy: 'Nothing can be named so: rename it.' },
    }))
  }

  /** Where the first alias without an anchor stands; else the first alias, which then stands for too much. */
  #badAlias(): number {
    const aliases: Alias[] = []
    visit(this.#document, { Alias: (_, alias) => void aliases.push(alias) })
    return startOf(aliases.find(alias => alias.resolve(this.#document) === undefined) ?? aliases[0]) ?? 0
  }

  #lineOf(offset: number): { line: number; column: number } {
    const { line, col } = this.#lines.linePos(offset)
    return line === 0 ? { line: 1, column: 1 } : { line, column: col }
  }

  #syntaxFault(problem: { readonly code: string; readonly message: string; readonly pos: [number, number] }): Fault {
    const message = problem.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
    const remedies: Readonly<Record<string, string>> = {
      DUPLICATE_KEY: 'Remove one of the two.',
      MULTIPLE_DOCS: 'Put each document into a file of its own.',
      TAB_AS_INDENT: 'Indent with spaces.',
      TAG_RESOLVE_FAILED: 'Write the value without a tag.',
      BAD_ALIAS: 'Write the value out, or define the anchor before it is used.',
      ALIAS: 'Write the values out instead of using aliases.',
    }
    const remedy = remedies[problem.code] ?? 'Correct the indentation, quotes or brackets at this place.'
    const twice = problem.code === 'DUPLICATE_KEY' ? this.#pathTo(problem.pos[0]) : []
    return {
      kind: 'yaml',
      file: this.file,
      ...this.#lineOf(problem.pos[0]),
      field: twice.join('.'),
      expected: twice.length > 0 ? 'each key once' : 'YAML',
      found: twice.length > 0 ? `${JSON.stringify(twice.at(-1))} again` : `a fault: ${message}`,
      remedy,
    }
  }

  /** Names of the keys down to the one that begins at the offset. */
  #pathTo(offset: number): string[] {
    let names: string[] = []
    visit(this.#document, {
      Pair: (_, pair, around) => {
        if (startOf(pair.key) !== offset) return undefined
        names = [...around.filter(isPair), pair].map(one => keyOf(one) ?? '?')
        return visit.BREAK
      },
    })
    return names
  }
}

function keyOf(pair: Pair): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined
}
