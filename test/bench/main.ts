/**
 * What Driftline costs, beside what it is compared with, in one run. It prints and never fails on a figure: a busy machine is no fault.
 *
 *     npm run bench [-- in-process|close|embedded|end-to-end|checkpoints|join|scale-out|sizing|soak …] [--records N] [--json]
 *     npm run bench -- soak [--minutes N] [--rate N]      SOAK_MINUTES, or an hour; records/s, or half of full rate
 */
import { fork } from 'node:child_process'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { type Piece, write } from './figures.js'

/** Records of the million that a piece reads, unless told: enough for its figures to settle. Those of 0 have sizes of their own. */
const RECORDS: Readonly<Record<string, number>> = {
  'in-process': 250_000,
  close: 0,
  embedded: 400_000,
  'end-to-end': 1_000_000,
  checkpoints: 400_000,
  join: 200_000,
  'scale-out': 100_000,
  sizing: 0,
  soak: 0,
}
/** Minutes, and a broker: only by name. */
const BY_NAME = ['scale-out', 'sizing', 'soak']

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    records: { type: 'string' },
    minutes: { type: 'string', default: process.env['SOAK_MINUTES'] ?? '60' },
    rate: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const records = Number(values.records ?? Number.NaN)
const minutes = Number(values.minutes)
const rate = values.rate === undefined ? null : Number(values.rate)
const names = positionals.length === 0 ? Object.keys(RECORDS).filter(name => !BY_NAME.includes(name)) : positionals
for (const name of names)
  if (!(name in RECORDS))
    throw new Error(`${name} is no piece of the benchmark; there are: ${Object.keys(RECORDS).join(', ')}`)
if (values.records !== undefined && !(records >= 20_000 && records <= 1_000_000))
  throw new Error(`--records ${values.records}: a number from 20,000 to 1,000,000`)
if (!(minutes >= 1)) throw new Error(`--minutes ${values.minutes}: a number from 1 up`)
if (rate !== null && !(rate >= 100)) throw new Error(`--rate ${values.rate}: records a second, from 100 up`)

// Tables are for people; with --json they go to standard error, out of the way of the figures.
const say = values.json ? console.error : console.log
const load = (): string =>
  loadavg()
    .map(one => one.toFixed(1))
    .join(' ')
say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${load()}; ratios last, times do not`)
const pieces: Piece[] = []
for (const name of names) {
  const piece = await measure(name, name === 'soak' ? minutes : records || RECORDS[name]!)
  pieces.push(piece)
  say(write(piece))
}
say(`\nload at the end ${load()}`)
if (values.json)
  console.log(JSON.stringify({ node: process.version, cpus: cpus().length, load: loadavg(), pieces }, null, 2))

/** In a process of its own, started as the service is. */
function measure(name: string, size: number): Promise<Piece> {
  return new Promise((resolve, reject) => {
    const options = rate === null ? [] : [String(rate)]
    const child = fork(new URL('./piece.ts', import.meta.url), [name, String(size), ...options], {
      execArgv: ['--max-semi-space-size=64', '--import', 'tsx'],
    })
    child.once('message', piece => resolve(piece as Piece))
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`the piece ${name} ended with code ${code} and no figures`)))
  })
}
