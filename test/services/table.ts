/** A service that Driftline needs around it. */
export type ServiceName = 'kafka' | 'redis' | 'registry'

export interface Service {
  readonly title: string
  /** The variable that names a running one, for Driftline itself as for the tests. */
  readonly variable: 'KAFKA_BROKERS' | 'REDIS_URL' | 'SCHEMA_REGISTRY_URL'
  readonly image: string
  /** As the pom beside this file has them; needed where there is no Docker. */
  readonly coordinates: string
  /** On the host, for `npm run services` and docker-compose alike. */
  readonly port: number
  readonly containerPort: number
  /** What docker-compose runs inside the container; only uses what the image has. */
  readonly health: readonly string[]
  /** Measured at 3 to 5 s on two idle cores; the limit is for a busy machine. */
  readonly startWithinMs: number
}

export const services: Readonly<Record<ServiceName, Service>> = {
  kafka: {
    title: 'Kafka',
    variable: 'KAFKA_BROKERS',
    image: 'apache/kafka:4.3.1',
    coordinates: 'org.apache.kafka:kafka_2.13:4.3.1',
    port: 9092,
    containerPort: 9092,
    health: ['CMD', '/opt/kafka/bin/kafka-broker-api-versions.sh', '--bootstrap-server', 'localhost:9092'],
    startWithinMs: 90_000,
  },
  redis: {
    title: 'Redis',
    variable: 'REDIS_URL',
    image: 'redis:7.4-alpine',
    coordinates: 'com.github.codemonstur:embedded-redis:1.4.3',
    port: 6379,
    containerPort: 6379,
    health: ['CMD', 'redis-cli', 'ping'],
    startWithinMs: 30_000,
  },
  registry: {
    title: 'Schema registry',
    variable: 'SCHEMA_REGISTRY_URL',
    image: 'apicurio/apicurio-registry-mem:2.6.13.Final',
    coordinates: 'io.apicurio:apicurio-registry-app:2.6.13.Final',
    port: 8081,
    containerPort: 8080,
    // The image promises no curl; bash it has, because its own start script needs it.
    health: [
      'CMD',
      'bash',
      '-c',
      'exec 3<>/dev/tcp/127.0.0.1/8080; printf "GET /health/ready HTTP/1.0\\r\\n\\r\\n" >&3; read -r status <&3; [[ $status == *" 200 "* ]]',
    ],
    startWithinMs: 120_000,
  },
}

export const serviceNames = Object.keys(services) as readonly ServiceName[]

type Condition = 'service_started' | 'service_healthy' | 'service_completed_successfully'

/** The order in which docker-compose starts everything: each waits for those it names. */
export const order: Readonly<Record<string, Readonly<Record<string, Condition>>>> = {
  kafka: {},
  redis: {},
  registry: {},
  topics: { kafka: 'service_healthy', registry: 'service_healthy' },
  driftline: {
    kafka: 'service_healthy',
    redis: 'service_healthy',
    registry: 'service_healthy',
    topics: 'service_completed_successfully',
  },
  // The service begins at the latest offset of its first start, so what is produced before it is up goes unseen.
  producer: { driftline: 'service_healthy' },
  ready: { driftline: 'service_healthy', producer: 'service_started' },
}

/** Broker settings of a single node, however it is started; its listeners differ and come from the place that starts it. */
export const kafkaSettings: Readonly<Record<string, string>> = {
  'process.roles': 'broker,controller',
  'node.id': '1',
  'controller.listener.names': 'CONTROLLER',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
  'auto.create.topics.enable': 'false',
  // A broker that was killed may register again only when its session has ended: 9 s by default.
  'broker.heartbeat.interval.ms': '1000',
  'broker.session.timeout.ms': '5000',
}

/** The path under which Apicurio speaks the Confluent registry's protocol. */
export const registryPath = '/apis/ccompat/v7'

/** `database` is a file without its ending: in memory, a restart would forget ids that records in Kafka still carry. */
export function registrySettings(database: string): Readonly<Record<string, string>> {
  return { REGISTRY_CCOMPAT_USE_CANONICAL_HASH: 'true', REGISTRY_DATASOURCE_URL: `jdbc:h2:file:${database}` }
}

/** The apache/kafka image reads `group.initial.rebalance.delay.ms` from `KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS`. */
export function asKafkaEnvironment(settings: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`KAFKA_${key.toUpperCase().replaceAll('.', '_')}`, value]),
  )
}
