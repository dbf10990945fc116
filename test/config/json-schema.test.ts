import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { monitorJsonSchema } from '../../src/config/json-schema.js'

const schema = JSON.parse(readFileSync('schemas/monitor.schema.json', 'utf8'))
const options = { stringKeys: true }
const full = () => parse(readFileSync('test/config/full.yaml', 'utf8'), options)

describe('the JSON Schema of monitor files', () => {
  it('is up to date; else run `npx tsx src/config/json-schema.ts && npx biome check --write schemas`', () => {
    expect(schema).toEqual(JSON.parse(JSON.stringify(monitorJsonSchema())))
  })

  const valid = new Ajv2020({ strict: false, allErrors: true }).compile(schema)

  it('takes what the loader takes', () => {
    for (const file of [full(), parse(readFileSync('topology/monitors/demo.yaml', 'utf8'), options)]) {
      expect(valid(file)).toBe(true)
    }
  })

  it('refuses unknown keys, wrong types and bad durations', () => {
    expect(valid({ ...full(), windw: {} })).toBe(false)
    expect(valid({ ...full(), mode: 'loud' })).toBe(false)
    expect(valid({ ...full(), window: { size: '5 minutes' } })).toBe(false)
    expect(valid({ ...full(), window: { size: '1d 15m 250ms' } })).toBe(true)
  })

  it('describes every field that is not a map of others', () => {
    const undescribed: string[] = []
    const walk = (node: { properties?: Record<string, never>; description?: string }, path: string) => {
      for (const [name, inner] of Object.entries(node.properties ?? {}) as [string, typeof node][]) {
        if (inner.description === undefined && inner.properties === undefined) undescribed.push(`${path}${name}`)
        walk(inner, `${path}${name}.`)
      }
    }
    walk(schema, '')
    expect(undescribed).toEqual([])
  })
})
