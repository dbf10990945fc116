import { setTimeout } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'

const WITHIN_MS = 30_000

/** Creates topics, and waits until all their partitions have a leader: where one is not there yet, kafkajs' own wait may end with an error. */
export async function makeTopics(admin: Admin, topics: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  const names = topics.map(({ topic }) => topic)
  const areLed = async (): Promise<boolean> => {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: names })
    return found.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))
  }
  const deadline = Date.now() + WITHIN_MS
  while (!(await areLed().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`no leader of ${names.join(', ')} within ${WITHIN_MS} ms`)
    await setTimeout(20)
  }
}
