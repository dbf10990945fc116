import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { numbers, type Pair } from '../core/join/pairs.js'
import { type Random, seeded } from '../random.js'
import { data } from '../shared-data.js'

/**
 * How often `compare` names the cause of numbers that differ, and its share: columns of the shared data sets, rows of an entity drawn at random,
 * one fault in a known share of the rows of either file. `npx tsx test/bench/parity-causes.ts`
 */
const COLUMNS = {
  'chicago_taxi.csv.gz': ['fare', 'trip_miles', 'trip_seconds', 'tips', 'trip_start_hour', 'pickup_latitude'],
  'bike_sharing_hour.csv.gz': ['temp', 'hum', 'windspeed', 'casual', 'cnt', 'hr'],
  'california_housing_reference.csv.gz': ['MedInc', 'HouseAge', 'AveRooms', 'Population', 'Longitude'],
}
const ENTITIES = 200
const DAYS = 25
const SHARES = [0.02, 0.1, 0.5, 1]

type Change = (value: number, earlier: number | null, random: Random) => number
const FAULTS: readonly (readonly [code: string, name: string, change: Change])[] = [
  ['lag', 'yesterday', (x, earlier) => earlier ?? x],
  ['truncation', 'cut off', x => Math.trunc(x)],
  ['rounding', 'to tenths', x => Math.round(10 * x) / 10],
  ['unit', 'miles', x => x * 1.609344],
  ['unit', 'miles, 2 decimals', x => Math.round(160.9344 * x) / 100],
  ['unit', 'minutes', x => x / 60],
  ['unit', 'cents', x => Math.round(x * 100)],
  ['unit', '°F', x => x * 1.8 + 32],
  ['unit', 'shift', x => x + 17.5],
  ['sign-flip', 'sign', x => -x],
  ['imputation', 'zero', () => 0],
  ['imputation', 'median', () => 12.34],
  ['', 'noise', (x, _, random) => x + (0.1 * Math.abs(x) + 0.4) * random.normal()],
  ['', 'another row', (x, _, random) => x + random.pick([...Array(997).keys()]) * 0.37 * (random.chance(0.5) ? 1 : -1)],
]

const right = new Map<string, [right: number, told: number]>()
const wrong: string[] = []
let off = 0
const random = seeded(Number(process.argv[2] ?? 1))
for (const [file, names] of Object.entries(COLUMNS)) {
  const [head, ...lines] = gunzipSync(readFileSync(data(file)))
    .toString()
    .trim()
    .split('\n')
  const columns = head!.split(',')
  for (const name of names) {
    const at = columns.indexOf(name)
    const all = lines
      .map(line => line.split(',')[at]!)
      .filter(Boolean)
      .map(Number)
    for (const [code, fault, change] of FAULTS)
      for (const share of SHARES)
        for (const turned of [false, true]) {
          const of: (readonly [number, number])[] = []
          const pairs: Pair<number>[] = []
          let differ = 0
          for (let entity = 0; entity < ENTITIES; entity++) {
            let earlier: number | null = null
            for (let day = 0; day < DAYS; day++) {
              const x = random.pick(all)
              const y = random.chance(share) ? change(x, earlier, random) : x
              if (Math.abs(x - y) > 1e-6 * Math.max(Math.abs(x), Math.abs(y))) differ++
              pairs.push(turned ? [y, x] : [x, y])
              of.push([entity, day])
              earlier = x
            }
          }
          // Decimals of values below 1 are all there is: cut off, they are a default.
          if (differ < 20 || (code === 'truncation' && all.every(x => Math.abs(x) <= 1))) continue
          const { causes, unexplained } = numbers(pairs, { of })
          const [top] = causes
          // Nothing to tell: what little is told must be little.
          const good = code === '' ? unexplained > 0.95 * differ : top?.code === code
          const counts = right.get(fault) ?? [0, 0]
          right.set(fault, [counts[0] + (good ? 1 : 0), counts[1] + 1])
          if (code !== '' && good && Math.abs(top!.rows - differ) > 0.005 * pairs.length) {
            off++
            wrong.push(
              `OFF ${name} ${fault} ${share}${turned ? ' turned' : ''} ${differ}: ${causes.map(c => `${c.rows} ${c.sentence}`).join(' | ')}; ${unexplained} unexplained`,
            )
          }
          if (!good)
            wrong.push(
              `${name} ${fault} ${share}${turned ? ' turned' : ''} ${differ}: ${causes.map(c => `${c.rows} ${c.sentence}`).join(' | ') || 'none'}`,
            )
        }
  }
}
for (const [fault, [good, told]] of right) console.log(`${fault.padEnd(20)} ${good} of ${told}`)
const [good, told] = [...right.values()].reduce(([g, t], [good, told]) => [g + good, t + told], [0, 0])
console.log(`cause right in ${good} of ${told}; share more than .5 point off in ${off}`)
if (process.argv.includes('--wrong')) console.log(wrong.join('\n'))
