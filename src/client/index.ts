/** What services import from `driftline`: feature events in, alert events out. The one module of the package that is public. */
export type {
  AlertEvent,
  AlertKind,
  AlertStatus,
  Cause,
  Evidence,
  Moved,
  SeriesFacts,
  WindowFacts,
} from '../core/alert/event.js'
export type { IncidentEffect, IncidentEvent, IncidentFeature, IncidentMember } from '../core/alert/incident-event.js'
export { DriftlineError, type ErrorCode } from '../core/error.js'
export type { Severity } from '../core/monitor.js'
export type { JoinFacts, ParityCauseFacts, ParityEvent, ParityExample, ParityFacts } from '../core/parity/event.js'
export type { MeasureFacts, PerformanceEvent, ReferenceFacts } from '../core/performance/event.js'
export type { Advice, DivergenceFacts, ShadowEvent } from '../core/shadow/event.js'
export type { SubscriptionStats } from './event-member.js'
export type { OutboxStats } from './outbox.js'
export {
  createProducer,
  type FeatureEvent,
  type FeatureProducer,
  type LabelEvent,
  type ProducerStats,
} from './producer.js'
export type { ProducerOptions } from './producer-options.js'
export { isSampled } from './sampling.js'
export {
  type AlertHandler,
  type AlertMeta,
  type EventMeta,
  type Handlers,
  type IncidentHandler,
  type SubscribeOptions,
  type Subscription,
  subscribe,
} from './subscribe.js'
export type { Where } from './where.js'
