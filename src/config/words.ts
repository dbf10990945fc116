import { z } from 'zod'

interface Words {
  /** What stands there, as the end of "expected …". */
  readonly expected: string
  /** A value that is right, as written in YAML. */
  readonly example?: string
}

/** What a fault says of a field; beside the schema of the field, so that both change together. */
export const words = z.registry<Words>()

/** Declares a field's meaning (for editors) and the words of its faults, with its type. Call it last: a changed schema is another one. */
export function say<S extends z.ZodType>(schema: S, description: string, expected: string, example?: string): S {
  const said = schema.meta({ ...schema.meta(), description })
  words.add(said, example === undefined ? { expected } : { expected, example })
  return said
}
