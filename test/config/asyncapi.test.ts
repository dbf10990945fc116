import { readFileSync } from 'node:fs'
import { Parser, type SchemaParser } from '@asyncapi/parser'
import avsc from 'avsc'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { asyncApi } from '../../src/config/asyncapi.js'

const committed = readFileSync('topology/asyncapi.yaml', 'utf8')

/** Payloads are checked by the Avro implementation that writes them. */
const avro: SchemaParser = {
  getMimeTypes: () => ['application/vnd.apache.avro;version=1.9.0'],
  validate: ({ data, path }) => {
    try {
      avsc.Type.forSchema(data as avsc.Schema)
      return []
    } catch (error) {
      return [{ message: (error as Error).message, path: [...path] }]
    }
  },
  parse: () => ({ type: 'object' }),
}

describe('the AsyncAPI document', { timeout: 60_000 }, () => {
  it('is up to date; else run `npx tsx src/config/asyncapi.ts`', () => {
    expect(committed).toBe(asyncApi())
  })

  it('is valid AsyncAPI 3', async () => {
    const parser = new Parser()
    parser.registerSchemaParser(avro)
    const { document, diagnostics } = await parser.parse(committed)
    expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([])
    expect(document?.version()).toBe('3.0.0')
    expect(
      document
        ?.channels()
        .filterBySend()
        .map(channel => channel.address()),
    ).toContain('driftline.alerts')
    expect(
      document
        ?.channels()
        .filterByReceive()
        .map(channel => channel.address()),
    ).toContain('serving-features')
  })

  it('describes alerts as CONTRACTS has them', () => {
    const { channels, operations, components } = parse(committed)
    const alerts = channels['driftline.alerts']
    expect(alerts.address).toBe('driftline.alerts')
    expect(operations.sendDriftlineAlerts.action).toBe('send')
    expect(operations.receiveServingFeatures.action).toBe('receive')
    expect(alerts.messages.Alert.payload.schemaFormat).toBe('application/vnd.apache.avro;version=1.9.0')
    expect(alerts.messages.Alert.payload.schema).toEqual(JSON.parse(readFileSync('schemas/alert.avsc', 'utf8')))
    expect(alerts.messages.Alert.traits).toEqual([{ $ref: '#/components/messageTraits/cloudEvent' }])
    expect(components.messageTraits.cloudEvent.headers.properties).toHaveProperty('ce_id')
    expect(alerts.messages.Alert.bindings.kafka.key.type).toBe('string')
    expect(alerts.bindings.kafka.topicConfiguration).toMatchObject({ 'cleanup.policy': ['delete'] })
  })
})
