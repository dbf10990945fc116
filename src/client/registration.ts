import { COMPATIBILITY, SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { isResponseError, registryError } from '../codec/writer-schemas.js'
import { DriftlineError } from '../core/error.js'
import type { WriterSchema } from './writer-schema.js'

/** Registers what one topic is written with, under `<topic>-value`. */
export class Registration {
  readonly #registry: SchemaRegistry
  readonly #subject: string

  constructor(
    private readonly url: string,
    topic: string,
  ) {
    this.#subject = `${topic}-value`
    // One try a call: who waits for the registry, and how long, is the caller's business.
    this.#registry = new SchemaRegistry({ host: url, retry: { retries: 0 } })
  }

  /** Sets the schema's id. Throws a DriftlineError when the registry does not answer or does not want it. */
  async register(schema: WriterSchema): Promise<void> {
    if (schema.id !== null) return
    try {
      schema.id = await this.#register(schema, COMPATIBILITY.BACKWARD)
    } catch (error) {
      throw this.#told(error)
    }
  }

  /** BACKWARD is set where the subject has no rule of its own; one that its owner has set is left as it is. */
  async #register(schema: WriterSchema, compatibility: COMPATIBILITY): Promise<number> {
    const raw = schema.definition as Parameters<SchemaRegistry['register']>[0]
    try {
      return (await this.#registry.register(raw, { subject: this.#subject, compatibility })).id
    } catch (error) {
      const theirs = /does not match the configuration \(\w+ != (\w+)\)/.exec(String(error))?.[1] as COMPATIBILITY
      if (theirs === undefined || theirs === compatibility) throw error
      return this.#register(schema, theirs)
    }
  }

  #told(error: unknown): DriftlineError {
    if (!isResponseError(error) || (error.status !== 409 && error.status !== 422)) return registryError(error, this.url)
    return new DriftlineError(
      'bad-input',
      `The schema registry at ${this.url} does not take the schema of these events as a new version of "${this.#subject}": ${error.message}. ` +
        'Give a compatible one (option schema), write to another topic, or change the compatibility rule of the subject.',
      { cause: error },
    )
  }
}
