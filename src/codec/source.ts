/** Parameters of every function that reads, and how one calls another. */
const PARAMETERS = 'bytes, view, base, from, end, row'
const ARGUMENTS = 'bytes, view, base, pos, end, row'

/**
 * JavaScript in the making: functions of plain statements, and the constants that they name. Names of users' fields occur in comments only,
 * with every sign but letters, digits, `_`, `.` and `*` taken out; whatever they lead to is a constant.
 *
 * Every function takes a position and returns the one after what it read, −1 where the bytes end or make no sense, or −2 where the record
 * is not the monitor's.
 */
export class Source {
  readonly constants = new Map<unknown, string>()
  readonly #functions: string[] = []
  #named = 0
  #lines: string[] = []

  emit(...lines: string[]): void {
    this.#lines.push(...lines)
  }

  constant(hint: string, value: unknown): string {
    let name = this.constants.get(value)
    if (name === undefined) this.constants.set(value, (name = `${hint}_${this.constants.size}`))
    return name
  }

  /** @param body emits the statements; what it returns is passed over */
  function(hint: string, about: string, body: () => unknown, more = ''): string {
    const name = this.name(hint)
    this.define(name, about, body, more)
    return name
  }

  name(hint: string): string {
    return `${hint}${++this.#named}`
  }

  define(name: string, about: string, body: () => unknown, more = ''): void {
    const outer = this.#lines
    this.#lines = []
    body()
    this.#functions.push(
      [
        `function ${name}(${PARAMETERS}${more}) { // ${about.replace(/[^\w.*]/g, ' ')}`,
        '  let pos = from, b = 0, n = 0, x = 0, id = 0, left = 0',
        '  let { flags, numbers, categories } = row',
        ...this.#lines.map(line => `  ${line}`),
        '  return pos',
        '}',
      ].join('\n'),
    )
    this.#lines = outer
  }

  comment(text: string): void {
    this.emit(`// ${text.replace(/[^\w.*]/g, ' ')}`)
  }

  call(name: string, more = ''): void {
    this.emit(`pos = ${name}(${ARGUMENTS}${more})`, 'if (pos < 0) return pos')
  }

  /** The reader: the function `main` after `before`. */
  reader<F>(main: string, before: readonly string[]): F {
    const text = [
      "'use strict'",
      ...this.#functions,
      `return function read(${PARAMETERS}) {`,
      ...before.map(line => `  ${line}`),
      `  return ${main}(${PARAMETERS})`,
      '}',
    ].join('\n')
    return new Function(...this.constants.values(), text)(...this.constants.keys()) as F
  }
}
