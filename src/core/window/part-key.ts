import type { PartHead } from './part.js'

/** What two versions of a part share. */
export function partKey(part: PartHead): string {
  return `${part.topic}/${part.partition}/${part.pane}/${part.round}/${part.modelVersion}`
}

/** What a part's key says of where it comes from; names of topics have no slash. */
export function sourceOf(key: string): Pick<PartHead, 'topic' | 'partition' | 'round'> {
  const [topic, partition, , round] = key.split('/')
  return { topic, partition: Number(partition), round: Number(round) }
}
