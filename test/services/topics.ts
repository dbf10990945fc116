import { setTimeout } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'

const WITHIN_MS = 30_000

/**
 * Creates topics, and waits until the broker hosts all their partitions: kafkajs' own wait may end with an error where one is not there yet, and who
 * writes before that writes some records twice.
 */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  const names = topics.map(({ topic }) => topic)
  const areLed = async (): Promise<boolean> => {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: names })
    if (!found.every(({ partitions }) => partitions.every(({ leader }) => leader >= 0))) return false
    // Asked of the leaders themselves.
    const offsets = await Promise.all(names.map(name => admin.fetchTopicOffsets(name)))
    return offsets.every(({ length }) => length > 0)
  }
  const deadline = Date.now() + WITHIN_MS
  while (!(await areLed().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`no leader of ${names.join(', ')} within ${WITHIN_MS} ms`)
    await setTimeout(20)
  }
}

/** One topic, with settings of its own. */
export function makeTopic(
  admin: Admin,
  topic: string,
  numPartitions: number,
  config: Readonly<Record<string, string>> = {},
): Promise<void> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  return makeTopics(admin, [{ topic, numPartitions, replicationFactor: 1, configEntries }])
}
