import { encodeAnswer } from '../codec/answer.js'
import type { Answer } from '../core/alert/answer.js'
import type { Log } from '../core/ports.js'
import { sayEverywhere } from './word.js'

/** Gives an operator's answer: its record in driftline.control is what reviews read. */
export async function give(log: Log, answer: Answer): Promise<void> {
  await sayEverywhere(log, { answer }, encodeAnswer(answer))
}
