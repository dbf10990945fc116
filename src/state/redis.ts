import type { Checkpoint, StateStore } from '../core/ports.js'
import { RedisConnection } from './redis-connection.js'

/** A task that nobody has written for so long has ended. */
const KEPT_S = 30 * 24 * 3600

/** One task, one step: refused where the same beginning is stored with an equal or higher next offset. */
const WRITE = `
local known = redis.call('HMGET', KEYS[1], 'began', 'offset')
if known[1] == ARGV[1] and tonumber(known[2]) >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', KEYS[1], 'began', ARGV[1], 'offset', ARGV[2], 'state', ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1`

/** Checkpoints in Redis, shared by all instances: whoever takes a partition over goes on where the other was. */
export class RedisStore implements StateStore {
  private constructor(private readonly connection: RedisConnection) {}

  /** @param url see `RedisConnection.open` */
  static async open(url: string): Promise<RedisStore> {
    return new RedisStore(await RedisConnection.open(url, 'checkpoints'))
  }

  get place(): string {
    return this.connection.place
  }

  async read(tasks: readonly string[]): Promise<(Checkpoint | null)[]> {
    // Sent together, answered one by one: in a cluster they lie on several servers.
    const found = await this.connection.asked(client =>
      Promise.all(tasks.map(task => client.hmgetBuffer(keyOf(task), 'began', 'offset', 'state'))),
    )
    return found.map(([began, offset, state]) =>
      began && offset && state ? { began: Number(began), nextOffset: Number(offset), state } : null,
    )
  }

  async write(checkpoints: readonly (Checkpoint & { readonly task: string })[]): Promise<boolean[]> {
    const answers = await this.connection.asked(client =>
      Promise.all(
        checkpoints.map(({ task, began, nextOffset, state }) =>
          client.eval(WRITE, 1, keyOf(task), began, nextOffset, Buffer.from(state), KEPT_S),
        ),
      ),
    )
    return answers.map(answer => answer === 1)
  }

  async remove(tasks: readonly string[]): Promise<void> {
    await this.connection.asked(client => Promise.all(tasks.map(task => client.del(keyOf(task)))))
  }

  async close(): Promise<void> {
    this.connection.close()
  }
}

/** All that is kept of a task lies in one slot of a cluster. */
export function keyOf(task: string): string {
  return `driftline:checkpoint:{${task}}`
}
