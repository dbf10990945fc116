import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { succeedHere } from './integration/cli-here.js'

const readme = readFileSync('README.md', 'utf8')
const blocks = [...readme.matchAll(/```sh ci\n(.*?)```/gs)].map(([, block]) => block!.trim().split('\n'))

describe('the README', () => {
  it('has blocks that are marked to be run', () => {
    expect(blocks.flat().length).toBeGreaterThan(2)
  })

  it.each(blocks.flat())('runs: %s', async line => {
    const words = line.replace(/\s+#.*$/, '').split(' ')
    expect(words.slice(0, 2)).toEqual(['npx', 'driftline'])
    expect(await succeedHere({}, ...words.slice(2))).not.toBe('')
  })

  it('names only files and folders that are there', () => {
    const named = [...readme.matchAll(/`((?:src|test|schemas|topology|examples)\/[\w./-]+)`/g)].map(([, path]) => path!)
    expect(named.length).toBeGreaterThan(5)
    expect(named.filter(path => !existsSync(path))).toEqual([])
  })

  it('names only npm scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const named = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name!)
    expect(named.filter(name => scripts[name] === undefined)).toEqual([])
  })
})
