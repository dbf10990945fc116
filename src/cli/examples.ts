import type { Command } from 'commander'

/** Examples for the help of a group of commands that has its commands already: each of them shows those of its own. */
export function addExamples(group: Command, examples: readonly string[], note = ''): void {
  group.addHelpText('after', helpText(examples, note))
  for (const one of group.commands) {
    const own = examples.filter(example => example.startsWith(`driftline ${group.name()} ${one.name()} `))
    if (own.length > 0) one.addHelpText('after', helpText(own))
  }
}

function helpText(examples: readonly string[], note = ''): string {
  return `\nExamples:\n${examples.map(example => `  ${example}`).join('\n')}${note}`
}
