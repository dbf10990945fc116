import { readFileSync } from 'node:fs'

/** Version of this package, as events and `--version` tell it. */
export const software: string = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }
).version
