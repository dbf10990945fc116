import { PublicDecoder } from '../../src/codec/public-decoder.js'
import { registrySchemas } from '../../src/codec/writer-schemas.js'
import { KafkaLog } from '../../src/log/kafka/kafka-log.js'

export const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/**
 * Every event that is in a public topic now, repeats too, as another program reads it.
 * @param registryUrl of events in Avro; null where they are JSON
 */
export async function published<E>(
  brokers: readonly string[],
  topic: string,
  registryUrl: string | null = null,
): Promise<E[]> {
  const log = new KafkaLog({ brokers, logger: quiet })
  const decoder = new PublicDecoder(registryUrl === null ? null : registrySchemas(registryUrl))
  const decoded: ReturnType<PublicDecoder['decode']>[] = []
  const following = await log.follow(topic, batch => {
    for (let i = 0; i < batch.size; i++)
      decoded.push(decoder.decode({ ...batch.headers(i) }, new Uint8Array(batch.value(i)!)))
  })
  await following.catchUp()
  await following.stop()
  await log.close()
  return (await Promise.all(decoded)).map(one => one!.event as E)
}
