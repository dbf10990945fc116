import { decodeInternal } from '../../src/codec/internal.js'
import { JoinedPartAssembler } from '../../src/codec/joined-part.js'
import { PublicDecoder } from '../../src/codec/public-decoder.js'
import type { VerdictEvent } from '../../src/core/alert/event.js'
import type { JoinedPart } from '../../src/core/performance/joined-part.js'
import type { EmbeddedLog } from '../../src/log/embedded.js'
import { PANES, VERDICTS } from '../../src/service/topics.js'

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

/** Parts of joined rows as stage 2 takes them: of repeats the one that its task has read furthest for. */
export async function joinedPartsOf(log: EmbeddedLog): Promise<JoinedPart[]> {
  const newest = new Map<string, JoinedPart>()
  const assemblers = new Map<number, JoinedPartAssembler>()
  for (const { partition, headers, value } of await recordsOf(log, PANES)) {
    const message = decodeInternal(headers, value)
    if (message?.type !== 'joined-part') continue
    const assembler = assemblers.get(partition) ?? new JoinedPartAssembler()
    assemblers.set(partition, assembler)
    const part = assembler.add(message.chunk, 0)
    if (part == null) continue
    const key = [part.model, part.partition, part.pane, part.round, part.modelVersion].join('/')
    if (part.nextOffset > (newest.get(key)?.nextOffset ?? Number.NEGATIVE_INFINITY)) newest.set(key, part)
  }
  return [...newest.values()]
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
