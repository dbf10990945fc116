/** Area under the ROC curve, pair by pair of different scores. */
export function exactAuc(rows: readonly { readonly value: number; readonly label: number }[]): number {
  const sorted = [...rows].sort((a, b) => a.value - b.value)
  let [negatives, inOrder, positives] = [0, 0, 0]
  for (let i = 0; i < sorted.length; ) {
    let [ones, zeros] = [0, 0]
    for (const { value } = sorted[i]!; i < sorted.length && sorted[i]!.value === value; i++)
      if (sorted[i]!.label === 1) ones++
      else zeros++
    inOrder += ones * (negatives + zeros / 2)
    negatives += zeros
    positives += ones
  }
  return inOrder / (positives * negatives)
}
