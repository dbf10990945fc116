import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { alertsCommand } from '../../src/cli/alerts.js'
import { baselineCommand } from '../../src/cli/baseline.js'
import { calibrateCommand } from '../../src/cli/calibrate.js'
import { checkCommand } from '../../src/cli/check.js'
import { compareCommand } from '../../src/cli/compare.js'
import { deadLettersCommand } from '../../src/cli/dead-letters.js'
import { demoCommand } from '../../src/cli/demo.js'
import { forgetCommand } from '../../src/cli/forget.js'
import { incidentsCommand } from '../../src/cli/incidents.js'
import { inferCommand } from '../../src/cli/infer.js'
import { produceCommand } from '../../src/cli/produce.js'
import { replayCommand } from '../../src/cli/replay.js'
import { statusCommand } from '../../src/cli/status.js'
import { topicsCommand } from '../../src/cli/topics.js'
import { upCommand } from '../../src/cli/up.js'
import { verdictsCommand } from '../../src/cli/verdicts.js'

const commands = [
  ...[alertsCommand(), baselineCommand(), calibrateCommand(), checkCommand(), compareCommand(), deadLettersCommand()],
  ...[demoCommand(), forgetCommand(), incidentsCommand(), inferCommand(), produceCommand(), replayCommand()],
  ...[statusCommand(), topicsCommand(), upCommand(), verdictsCommand()],
]
const leaves = commands.flatMap(command => (command.commands.length > 0 ? command.commands : [command]))
const named = (command: Command): string =>
  command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`

function helpOf(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: more => void (text += more) })
  command.outputHelp()
  return text
}

describe('the help of every command', () => {
  it.each(leaves.map(command => [named(command), command] as const))(
    '%s has examples of its own options',
    (name, command) => {
      const examples = helpOf(command)
        .split('\n')
        .filter(line =>
          line
            .trim()
            .replace(/^([A-Z_]+=\S+ )+/, '')
            .startsWith(`driftline ${name}`),
        )
      expect(examples).not.toEqual([])
      const known = command.options.flatMap(({ long }) => (long === undefined ? [] : [long]))
      const used = examples.flatMap(line => line.split(/\s{3,}|\||#/)[0]!.match(/--[\w-]+/g) ?? [])
      expect(used.filter(option => !known.includes(option))).toEqual([])
    },
  )

  it('says that results can be had as JSON, but of what is JSON anyway', () => {
    const without = leaves.filter(({ options }) => !options.some(({ long }) => long === '--json'))
    expect(without.map(named)).toEqual(['baseline export'])
  })
})
