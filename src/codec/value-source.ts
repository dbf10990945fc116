import type { Dictionary } from '../core/dictionary.js'
import type { AvroNode } from './avro-schema.js'
import type { Mapping } from './mapping.js'
import { WhereSink } from './role-sinks.js'
import { ShortTexts } from './short-texts.js'
import type { Sink } from './sink.js'
import type { SkipSource } from './skip-source.js'
import { SlotSink, SymbolIds } from './slot-sink.js'
import type { Source } from './source.js'
import { InstantSink, type WireUnit } from './time-sink.js'

/** A sink as the source names it: known now (its code can be written out), or only at run time (`null`: the slot of a map's key). */
export interface Named {
  readonly name: string
  readonly sink: Sink | null
}

/** By the name of the logical type. */
const UNITS: ReadonlyMap<string, WireUnit> = new Map([
  ['timestamp-millis', 'ms'],
  ['timestamp-micros', 'us'],
  ['timestamp-nanos', 'ns'],
  ['local-timestamp-millis', 'ms'],
  ['local-timestamp-micros', 'us'],
  ['local-timestamp-nanos', 'ns'],
  ['date', 'days'],
])

export type Scalar = Exclude<AvroNode, { type: 'union' | 'record' | 'array' | 'map' }>

/** Statements that read one value into its sinks. Those of slots are written out; all else goes through `Sink`. */
export class ValueSource {
  readonly #short = new Map<Dictionary, ShortTexts>()

  constructor(
    private readonly source: Source,
    private readonly skips: SkipSource,
    private readonly mapping: Mapping,
  ) {}

  read(node: Scalar, sinks: readonly Named[]): void {
    const { source, skips } = this
    switch (node.type) {
      case 'null':
        this.put(sinks, 'none')
        return
      case 'boolean':
        source.emit('if (pos >= end || bytes[pos] > 1) return -1', 'b = bytes[pos++]')
        this.put(sinks, 'boolean', 'b === 1')
        return
      case 'int':
      case 'long':
        skips.long()
        for (const sink of sinks) this.#integer(this.#timed(sink, node.logical), node.type === 'long')
        return
      case 'float':
      case 'double': {
        const size = node.type === 'float' ? 4 : 8
        source.emit(
          `if (pos + ${size} > end) return -1`,
          `x = view.getFloat${8 * size}(base + pos, true)`,
          `pos += ${size}`,
        )
        for (const sink of sinks) this.#double(sink)
        return
      }
      case 'string':
        skips.length()
        for (const sink of sinks) this.#text(sink)
        source.emit('pos += n')
        return
      case 'enum':
        this.#symbol(node.symbols, sinks)
        return
      default:
        if (node.type === 'fixed') source.emit(`n = ${node.size}`, 'if (n > end - pos) return -1')
        else skips.length()
        if (node.logical === 'decimal') {
          source.emit(`x = ${source.constant('decimal', decimal)}(bytes, pos, n, ${node.scale})`)
          this.put(sinks, 'number', 'x')
        } else this.put(sinks, 'bytes', 'pos, n')
        source.emit('pos += n')
        return
    }
  }

  put(sinks: readonly Named[], method: keyof Sink, values = ''): void {
    for (const { name, sink } of sinks) {
      if (method === 'none' && sink instanceof SlotSink) this.source.emit(`flags[${sink.slot}] = 1`)
      else this.source.emit(`${name}.${method}(row${values === '' ? '' : `, ${values}`})`)
      if (sink instanceof WhereSink)
        this.source.emit(`if (${this.source.constant('reading', this.mapping.reading)}.mismatch) return -2`)
    }
  }

  /** The schema's unit goes before the monitor's. */
  #timed(named: Named, logical: string | null): Named {
    const unit = logical === null ? undefined : UNITS.get(logical)
    if (!(named.sink instanceof InstantSink) || unit === undefined) return named
    const sink = named.sink.inUnit(unit)
    return { name: this.source.constant('time', sink), sink }
  }

  #integer(named: Named, long: boolean): void {
    const { source } = this
    const { sink, name } = named
    if (long)
      source.emit(
        `if (x > 9007199254740991 || x < -9007199254740991) ${name}.unsafe(row, x, ${this.skips.varint}); else {`,
      )
    if (sink instanceof SlotSink && !sink.categorical)
      source.emit(`numbers[${sink.slot}] = x`, `flags[${sink.slot}] = 2`)
    else this.put([{ name, sink: null }], 'number', 'x')
    if (long) source.emit('}')
    if (sink instanceof WhereSink)
      source.emit(`if (${source.constant('reading', this.mapping.reading)}.mismatch) return -2`)
  }

  #double(named: Named): void {
    const { sink } = named
    if (!(sink instanceof SlotSink) || sink.categorical) {
      this.put([named], 'number', 'x')
      return
    }
    const { slot } = sink
    this.source.emit(
      `if (x - x === 0) { numbers[${slot}] = x; flags[${slot}] = 2 }`,
      `else flags[${slot}] = x !== x ? 4 : 5`,
    )
  }

  #text(named: Named): void {
    const { sink } = named
    if (!(sink instanceof SlotSink) || sink.numeric) {
      this.put([named], 'text', 'pos, n')
      return
    }
    const { source } = this
    const { slot, dictionary } = sink
    const short = source.constant('short', this.#shortTexts(dictionary))
    source.emit(
      `id = n <= 8 && base + pos + 8 <= view.byteLength ? ${short}.find(view, base + pos, n) : -1`,
      `if (id >= 0) { flags[${slot}] = 3; categories[${slot}] = id }`,
      `else ${named.name}.text(row, pos, n)`,
    )
  }

  #shortTexts(dictionary: Dictionary): ShortTexts {
    let short = this.#short.get(dictionary)
    if (short === undefined) this.#short.set(dictionary, (short = new ShortTexts(dictionary)))
    return short
  }

  #symbol(symbols: readonly string[], sinks: readonly Named[]): void {
    const { source } = this
    const { spill } = this.mapping
    this.skips.long()
    source.emit(`if (x < 0 || x >= ${symbols.length}) return -1`)
    for (const named of sinks) {
      if (named.sink instanceof SlotSink) {
        source.emit(`${source.constant('symbols', new SymbolIds(named.sink, symbols, spill))}.put(row, x)`)
      } else {
        const space = source.constant('spill', spill)
        source.emit(`${space}.add(row, ${source.constant('names', symbols)}[x])`)
        this.put([named], 'text', `${space}.from, ${space}.length`)
      }
    }
  }
}

/** A decimal's value: big-endian two's complement, times 10^−scale. */
function decimal(bytes: Uint8Array, from: number, length: number, scale: number): number {
  let value = length > 0 && bytes[from] > 127 ? -1 : 0
  for (let i = 0; i < length; i++) value = value * 256 + bytes[from + i]
  return value / 10 ** scale
}
