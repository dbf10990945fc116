import kafkajs, { type Kafka, type Producer } from 'kafkajs'

/** A connected producer; one that cannot connect is disconnected, and the error thrown. */
export async function openProducer(kafka: Kafka): Promise<Producer> {
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    // Order is kept by one batch at a time.
    idempotent: false,
  })
  try {
    await producer.connect()
  } catch (error) {
    await producer.disconnect().catch(() => {})
    throw error
  }
  return producer
}
