import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { broken, MUTANTS } from './mutations.js'

/** Each in a copy of the sources; the runs of the short form, until the first that fails. */
function main(most: string): void {
  for (const mutant of MUTANTS.filter(({ name }) => name.includes(process.argv[3] ?? ''))) {
    const { name, file } = mutant
    const copy = mkdtempSync(join(tmpdir(), 'driftline-mutant-'))
    try {
      for (const folder of ['src', 'test', 'schemas', 'topology', 'package.json', 'tsconfig.json'])
        cpSync(folder, join(copy, folder), { recursive: true })
      symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'))
      const path = join(copy, file)
      writeFileSync(path, broken(mutant, readFileSync(path, 'utf8')))
      const runs = ['--runs', most, '--first', '--plan', JSON.stringify(mutant.plan ?? {})]
      const { stdout } = spawnSync('npx', ['tsx', 'test/faults/main.ts', ...runs], { cwd: copy, encoding: 'utf8' })
      const [, seen] = /(\d+) runs from/.exec(stdout) ?? []
      const invariants = [...new Set([...stdout.matchAll(/^ {2}([a-z][a-z0-9, ]+):/gm)].map(([, one]) => one))].filter(
        one => one !== 'again',
      )
      process.stdout.write(
        `${name}: ${invariants.length > 0 ? `killed in run ${seen} by ${invariants.join('; ')}` : `SURVIVED ${seen} runs`}\n`,
      )
    } finally {
      rmSync(copy, { recursive: true, force: true })
    }
  }
}

main(process.argv[2] ?? '100')
