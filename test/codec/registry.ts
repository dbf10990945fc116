import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** As much of a Confluent schema registry as the client asks for, in this process: answers, and what was asked. */
export async function startRegistry(schemas: Map<number, string> = new Map()) {
  const requests: string[] = []
  const configs = new Map<string, string>()
  let failWith: number | null = null
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request
    requests.push(`${method} ${url}`)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
    const answer = (status: number, value: object): void => {
      response
        .writeHead(status, { 'content-type': 'application/vnd.schemaregistry.v1+json' })
        .end(JSON.stringify(value))
    }
    if (failWith !== null) return answer(failWith, { error_code: failWith * 100 + 1, message: 'out of order' })
    const [, kind, name] = url.split('/')
    if (kind === 'schemas') {
      const schema = schemas.get(Number(url.split('/').at(-1)))
      return schema === undefined
        ? answer(404, { error_code: 40403, message: 'Schema not found' })
        : answer(200, { schema })
    }
    if (kind === 'config') {
      if (method === 'PUT') configs.set(name, body.compatibility)
      const level = configs.get(name)
      return level === undefined
        ? answer(404, { error_code: 40408, message: 'no config' })
        : answer(200, { compatibilityLevel: level })
    }
    const known = [...schemas].find(([, schema]) => schema === body.schema)
    const id = known?.[0] ?? schemas.size + 1
    schemas.set(id, body.schema)
    answer(200, { id })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    configs,
    schemas,
    fail: (status: number | null) => {
      failWith = status
    },
    stop: () => new Promise<void>(resolve => void server.close(() => resolve())),
  }
}
