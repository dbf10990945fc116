import { DriftlineError } from '../core/error.js'
import { activate, promotion } from '../service/baselines.js'
import { wallClock } from '../service/clock.js'
import { operator, withKnowledge } from './baseline-table.js'
import { colours as pc } from './colours.js'
import { time } from './output.js'
import { parseTime } from './time-option.js'

export interface PromoteOptions {
  readonly at?: string
  readonly json?: boolean
}

export async function promote(model: string, version: number, { at, json }: PromoteOptions): Promise<void> {
  await withKnowledge(async (log, knowledge) => {
    const asked = at === undefined ? null : parseTime('--at', at)
    const activation = promotion(knowledge, model, version, { at: asked, by: operator(), now: wallClock.now() })
    await activate(log, activation)
    if (json) return console.log(JSON.stringify(activation))
    const from = activation.from === null ? 'the beginning' : time(activation.from)
    console.log(
      `${pc.green('promoted')} ${model} version ${version}: windows that start at ${from} or later are judged against it`,
    )
  })
}

export async function rollback(model: string, { json }: { readonly json?: boolean }): Promise<void> {
  await withKnowledge(async (log, knowledge) => {
    const words = knowledge.activations(model)
    const [current, before] = [words.at(-1), words.filter(one => one.baseline !== words.at(-1)?.baseline).at(-1)]
    if (current === undefined || before === undefined)
      throw new DriftlineError(
        'bad-input',
        `model ${model} has no version that was active before; see \`driftline baseline list ${model}\``,
      )
    const activation = { ...before, from: wallClock.now(), by: operator(), at: wallClock.now() }
    await activate(log, activation)
    if (json) return console.log(JSON.stringify(activation))
    console.log(`${pc.green('rolled back')} ${model} to version ${before.baseline} from version ${current.baseline}`)
  })
}
