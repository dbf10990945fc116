/** Driftline's own topics. Their settings are declared in topology/topics.yaml. */
export const PANES = 'driftline.panes'
export { JOINS_TOPIC as JOINS } from '../core/join/lane-window.js'
export const BASELINES = 'driftline.baselines'
export const CONTROL = 'driftline.control'
export const STATE = 'driftline.state'
export const VERDICTS = 'driftline.verdicts'
export const ALERTS = 'driftline.alerts'
export const DEAD_LETTERS = 'driftline.dead-letters'
