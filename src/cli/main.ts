#!/usr/bin/env node
import { run } from './run.js'

// `driftline … | head` ends when the reader does; that is no fault.
process.stdout.on('error', error => {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
  throw error
})

await run(process.argv.slice(2))
