import { describe, expect, it } from 'vitest'
import { Layout, MISSING, NUMBER, Row } from '../../../src/core/row.js'
import { borrowBlock, RowBlock, returnBlock } from '../../../src/core/window/row-block.js'

const WIDTH = 3
const layout = new Layout(true, WIDTH)
for (let slot = 0; slot < WIDTH; slot++) layout.add(`f${slot}`, 'numeric')

function rowOf(...numbers: number[]): Row {
  const row = new Row(layout)
  row.numbers.set(numbers)
  row.flags.fill(NUMBER, 0, numbers.length)
  return row
}

describe('rows side by side', () => {
  it('hold their values in the order they came, until there is no room', () => {
    const block = new RowBlock(WIDTH)
    let rows = 0
    while (!block.isFull) block.add(rowOf(rows, 2 * rows, 3 * rows++))
    expect(rows).toBeGreaterThan(1)
    expect(block.rows).toBe(rows)
    for (let r = 0; r < rows; r++)
      expect([...block.numbers.subarray(WIDTH * r, WIDTH * (r + 1))]).toEqual([r, 2 * r, 3 * r])
    expect(block.flags.subarray(0, WIDTH * rows).every(flag => flag === NUMBER)).toBe(true)
  })

  it('miss the features that a row has no room for yet', () => {
    const block = borrowBlock(WIDTH + 2)
    block.add(rowOf(1, 2, 3))
    expect([...block.flags.subarray(0, WIDTH + 2)]).toEqual([NUMBER, NUMBER, NUMBER, MISSING, MISSING])
    expect([...block.numbers.subarray(0, WIDTH + 2)]).toEqual([1, 2, 3, 0, 0])
  })

  it('are borrowed empty, whatever was in them', () => {
    const block = borrowBlock(WIDTH)
    block.add(rowOf(7, 7, 7))
    returnBlock(block)
    const again = borrowBlock(WIDTH)
    expect(again.rows).toBe(0)
    expect(borrowBlock(WIDTH)).not.toBe(again)
  })

  it('take one row at least, however wide', () => {
    const block = new RowBlock(10_000)
    expect(block.isFull).toBe(false)
    block.add(rowOf(1))
    expect(block.isFull).toBe(true)
  })
})
