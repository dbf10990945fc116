import avsc from 'avsc'
import { EXACT_LONG } from '../codec/long-type.js'
import { type Inferred, inferred, toAvro, widened } from './inferred-schema.js'

/** The Avro schema that values are written with. */
export class WriterSchema {
  readonly type: avsc.Type
  /** The registry's id; null until it is registered, which happens in the background. */
  id: number | null = null

  constructor(readonly definition: object) {
    this.type = avsc.Type.forSchema(structuredClone(definition) as avsc.Schema, { registry: { long: EXACT_LONG } })
  }
}

/** Finds the schema for an event. */
export interface SchemaChoice {
  /** Throws a plain Error when the event does not fit. */
  schemaFor(event: object): WriterSchema
}

/** The caller's own. An event with fields that it does not have is refused: they would vanish without a word. */
export class GivenSchema implements SchemaChoice {
  readonly #schema: WriterSchema

  constructor(definition: object) {
    this.#schema = new WriterSchema(definition)
  }

  schemaFor(event: object): WriterSchema {
    if (fits(event, this.#schema)) return this.#schema
    throw new Error(whyNot(event, this.#schema))
  }
}

/** Made from the first event, and widened (as a new version) when a later one has a new field or type. */
export class GrowingSchema implements SchemaChoice {
  #shape: Inferred | null = null
  #schema: WriterSchema | null = null

  /**
   * @param name of the record
   * @param required fields that every event has
   */
  constructor(
    private readonly name: string,
    private readonly required: readonly string[],
  ) {}

  schemaFor(event: object): WriterSchema {
    if (this.#schema !== null && fits(event, this.#schema)) return this.#schema
    const shape = inferred(event)
    const wider = this.#shape === null ? shape : widened(this.#shape, shape)
    const schema = new WriterSchema(toAvro(wider, this.name, this.required))
    if (!fits(event, schema)) throw new Error(whyNot(event, schema))
    this.#shape = wider
    this.#schema = schema
    return schema
  }
}

function fits(event: object, { type }: WriterSchema): boolean {
  return type.isValid(event, { noUndeclaredFields: true })
}

function whyNot(event: object, { type }: WriterSchema): string {
  const faults: string[] = []
  type.isValid(event, {
    noUndeclaredFields: true,
    errorHook: (path, value, expected) => {
      const found = JSON.stringify(value)?.slice(0, 80)
      faults.push(
        path.length === 0
          ? `fields that the schema does not have`
          : `field "${path.join('.')}" is ${found}, expected ${expected}`,
      )
    },
  })
  return faults.join('; ')
}
