import { parseArgs } from 'node:util'
import { Installation } from './installation.js'
import { type Plan, type Result, Runs, told } from './run.js'
import { type Played, play, SCENES } from './scenes.js'

const HELP = `npm run test:faults -- [--seed N] [--runs N | --minutes M] [--scenes all|none|NAME,NAME] [--records N]

  --seed      first seed; 1 unless told
  --runs      so many runs on the embedded log; 1000 unless told
  --minutes   runs until so many minutes have passed, instead
  --plan      what happens in every run, as JSON: {"kills":true,"zombies":false,"store":"stale",…}; drawn from the seed where not told
  --first     ends with the first run that fails
  --scenes    with real processes on a Kafka and a Redis of their own: ${SCENES.map(({ name }) => name).join(', ')}; all unless
              told, none where --runs or --minutes are given
  --records   of each of four partitions in a scene; 1000 unless told
`

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string' },
    minutes: { type: 'string' },
    scenes: { type: 'string' },
    records: { type: 'string', default: '1000' },
    plan: { type: 'string', default: '{}' },
    first: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

async function embedded(seed: number, more: (run: number) => boolean): Promise<boolean> {
  const runs = new Runs()
  const plan = JSON.parse(values.plan) as Partial<Plan>
  const sum = { runs: 0, failed: 0, records: 0, verdicts: 0, kills: 0, zombies: 0, landed: 0, leaves: 0 }
  const started = Date.now()
  for (; more(sum.runs) && !(values.first && sum.failed > 0); sum.runs++) {
    const result = await runs.run(seed + sum.runs, plan)
    add(sum, result)
    if (result.violations.length > 0) process.stdout.write(`${told(result)}\n`)
  }
  await runs.close()
  const seconds = Math.round((Date.now() - started) / 1000)
  process.stdout.write(
    `${sum.runs} runs from seed ${seed}: ${sum.failed} failed; ${sum.records} records, ${sum.verdicts} verdicts; ${sum.kills} killed, ` +
      `${sum.zombies} zombies, ${sum.landed} writes of the dead that landed later, ${sum.leaves} left as they should; ${seconds} s\n`,
  )
  return sum.failed === 0
}

function add(sum: Record<string, number>, { violations, records, verdicts, done }: Result): void {
  const { kills, zombies, landed, leaves } = done
  const failed = violations.length > 0 ? 1 : 0
  for (const [name, count] of Object.entries({ failed, records, verdicts, kills, zombies, landed, leaves }))
    sum[name]! += count
}

async function real(seed: number, names: readonly string[], records: number): Promise<boolean> {
  const at = await Installation.start()
  let failed = 0
  try {
    for (const kind of SCENES.filter(({ name }) => names.includes('all') || names.includes(name))) {
      const played = await play(at, kind, seed, records)
      if (played.violations.length > 0) failed++
      process.stdout.write(`${line(played)}\n`)
    }
  } finally {
    await at.stop()
  }
  return failed === 0

  function line({ name, words, seconds, violations, verdicts, repeats, kills, ...played }: Played): string {
    const again = `npm run test:faults -- --scenes ${name} --seed ${seed} --records ${records}`
    const faults = violations.slice(0, 5).map(({ invariant, detail }) => `\n  ${invariant}: ${detail}`)
    const all = `${played.records} records, ${verdicts} verdicts as the oracle has them, ${repeats} of them repeated, ${kills} kills, ${seconds} s`
    return violations.length === 0
      ? `${name} (${words}): ${all}`
      : `${name} (${words}) failed${faults.join('')}\n  again: ${again}`
  }
}

if (values.help) process.stdout.write(HELP)
else {
  const seed = Number(values.seed)
  const until = values.minutes === undefined ? null : Date.now() + Number(values.minutes) * 60_000
  const runs = Number(values.runs ?? 1000)
  const alone = values.runs !== undefined || until !== null
  const scenes = (values.scenes ?? (alone ? 'none' : 'all')).split(',')
  const isScenesOnly = values.scenes !== undefined && !alone
  const ran = isScenesOnly || (await embedded(seed, run => (until === null ? run < runs : Date.now() < until)))
  const played = scenes.includes('none') || (await real(seed, scenes, Number(values.records)))
  process.exitCode = ran && played ? 0 : 1
}
