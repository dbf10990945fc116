import fastify, { type FastifyInstance } from 'fastify'
import { DriftlineError } from '../core/error.js'
import type { Metrics } from './metrics.js'

/** What `/ready` answers: every part of the service and whether it works. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, { readonly ok: boolean; readonly says: string }>>
}

export interface HttpOptions {
  readonly host: string
  readonly port: number
  readonly metrics: Metrics
  readonly readiness: () => Promise<Readiness>
}

/**
 * `/health`: the process lives. `/ready`: it does its work (503 with the reasons when not). `/metrics`: Prometheus text.
 * @returns the server; its address is in `server.addresses()`
 */
export async function serveHttp({ host, port, metrics, readiness }: HttpOptions): Promise<FastifyInstance> {
  const server = fastify({ logger: false })
  server.get('/health', async () => ({ status: 'ok' }))
  server.get('/ready', async (_request, reply) => {
    const answer = await readiness()
    return reply.code(answer.ready ? 200 : 503).send(answer)
  })
  server.get('/metrics', async (_request, reply) => reply.type(metrics.registry.contentType).send(await metrics.text()))
  try {
    await server.listen({ host, port })
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new DriftlineError(
      'bad-input',
      `cannot listen on ${host}:${port} (${why}); choose another with --http-host and --http-port`,
      { cause },
    )
  }
  return server
}
