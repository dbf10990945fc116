import { PublicDecoder } from '../../src/codec/public-decoder.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { EmbeddedLog } from '../../src/log/embedded.js'
import { VERDICTS } from '../../src/service/topics.js'

interface Raw {
  readonly partition: number
  readonly key: string
  readonly value: Buffer
  readonly headers: Readonly<Record<string, Uint8Array>>
}

export async function verdictsOf(log: EmbeddedLog): Promise<VerdictEvent[]> {
  return (await decoded(log, VERDICTS)).flatMap(one => (one.type === 'verdict' ? [one.event] : []))
}

/** Each event of a topic, repeats to the letter once. */
export async function decoded(log: EmbeddedLog, topic: string) {
  const decoder = new PublicDecoder(null)
  // Repeats to the letter are the rule where there are zombies.
  const different = new Map((await recordsOf(log, topic)).map(one => [`${one.headers['ce_id']}${one.value}`, one]))
  const all = await Promise.all([...different.values()].map(one => decoder.decode(one.headers, one.value)))
  return all.flatMap(one => one ?? [])
}

export async function recordsOf(log: EmbeddedLog, topic: string): Promise<Raw[]> {
  const found: Raw[] = []
  const following = await log.follow(topic, batch => {
    for (let i = 0; i < batch.size; i++)
      found.push({
        partition: batch.partition,
        key: Buffer.from(batch.key(i) ?? []).toString(),
        value: Buffer.from(batch.value(i) ?? []),
        headers: batch.headers(i),
      })
  })
  await following.catchUp()
  await following.stop()
  return found
}
