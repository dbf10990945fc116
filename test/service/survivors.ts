import type { Monitor } from '../../src/core/monitor.js'
import { type Instance, Killed, type Site } from './site.js'

export const alive = (site: Site): Instance[] => site.instances.filter(({ connection }) => !connection.dead)

/** Until nothing moves; who dies on the way is replaced. */
export async function settled(site: Site, monitor: Monitor): Promise<void> {
  for (;;) {
    try {
      await site.log.run()
      return
    } catch (error) {
      await replaced(site, monitor, error)
    }
  }
}

/** Kills the instances whose connection is dead, and starts another where none is left. Any other error goes on. */
export async function replaced(site: Site, monitor: Monitor, error: unknown): Promise<void> {
  if (!(error instanceof Killed)) throw error
  for (const instance of site.instances.filter(({ connection }) => connection.dead)) await site.kill(instance)
  if (alive(site).length === 0) await site.start([monitor])
}
