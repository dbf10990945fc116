import { NOT_SELECTED, READ } from '../core/ports.js'
import type { Rejection } from '../core/rejection.js'
import { MISSING, NULL, NUMBER, type Row, TEXT } from '../core/row.js'

/** Largest |epoch ms| that a date can have. */
const LATEST_MS = 8.64e15

/** What has been met of the key, the time and the selection while one record is read. */
export class Reading {
  /** Bit i: the i-th condition of `where` holds. */
  matched = 0
  /** A condition of `where` does not hold; the rest need not be read. */
  mismatch = false
  key = false
  time: 'missing' | 'read' | 'unreadable' = 'missing'
  version = false

  constructor(
    private readonly conditions: number,
    /** Version of rows that carry none. */
    private readonly defaultVersion: number,
    /** Slots that hold a point in time, epoch ms, and are to hold its age. */
    private readonly ages: readonly number[],
    /** Slot of the label, without a usable value of which a record of labels is none; −1 in records of predictions. */
    private readonly label = -1,
  ) {}

  begin(row: Row): void {
    this.matched = 0
    this.mismatch = false
    this.key = false
    this.time = 'missing'
    this.version = false
    row.entity = 0
    row.vectorsUsed = 0
    if (row.news.length > 0) row.news.length = 0
    row.newsLeft = 0
  }

  /** @param unfit the writer's schema cannot give the key or the time at all */
  end(row: Row, unfit: boolean): typeof READ | typeof NOT_SELECTED | Rejection {
    if (this.matched !== this.conditions) return NOT_SELECTED
    if (unfit) return 'schema-unfit'
    if (!this.key) return 'key-missing'
    if (this.time !== 'read') return this.time === 'missing' ? 'event-time-missing' : 'event-time-unreadable'
    if (row.time > LATEST_MS || row.time < -LATEST_MS) return 'event-time-implausible'
    if (this.label >= 0) {
      const flag = row.flags[this.label]
      if (flag === MISSING || flag === NULL) return 'label-missing'
      if (flag !== NUMBER && flag !== TEXT) return 'label-unreadable'
    }
    if (!this.version) row.version = this.defaultVersion
    for (let i = 0; i < this.ages.length; i++) {
      const slot = this.ages[i]
      if (row.flags[slot] === NUMBER) row.numbers[slot] = (row.time - row.numbers[slot]) / 1000
    }
    return READ
  }
}
