/**
 * Weighted least squares fit that never falls, by pooling adjacent violators (Ayer et al. 1955): each block of values that fall has its weighted
 * mean.
 * @param weights positive, one a value
 */
export function isotonic(values: readonly number[], weights: readonly number[]): Float64Array {
  const blocks: { value: number; weight: number; size: number }[] = []
  for (const [i, value] of values.entries()) {
    let block = { value, weight: weights[i], size: 1 }
    for (let last = blocks.at(-1); last !== undefined && last.value >= block.value; last = blocks.at(-1)) {
      const weight = last.weight + block.weight
      block = {
        value: (last.value * last.weight + block.value * block.weight) / weight,
        weight,
        size: last.size + block.size,
      }
      blocks.pop()
    }
    blocks.push(block)
  }
  return Float64Array.from(blocks.flatMap(({ value, size }) => Array.from({ length: size }, () => value)))
}
