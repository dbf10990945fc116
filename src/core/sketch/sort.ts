/** The longest column that `sortColumn` takes. */
export const LONGEST_COLUMN = 1024
/** Below it, setting up the digit counts costs more than they save. */
const SHORT = 48
/** Moves a value that the insertion pass may need before it gives up. */
const MOST_MOVES = 8

// Scratch memory at module level: the engine then compiles its addresses in as constants.
const a = new Float64Array(LONGEST_COLUMN)
const b = new Float64Array(LONGEST_COLUMN)
const aWords = new Int32Array(a.buffer)
const bWords = new Int32Array(b.buffer)
const low = new Int32Array(256)
const middle = new Int32Array(256)
const high = new Int32Array(256)

/** Orders as the double does: negative numbers reversed, positive ones above them. */
const key = (word: number): number => word ^ ((word >> 31) | 0x80000000)

/**
 * Sorts column[0, n) ascending, in place: finite numbers, no −0. Radix sort on the upper 24 bits of each double (sign, exponent, 12 bits of
 * fraction), in which no branch depends on the data; an insertion pass settles near-ties. Where these are many, the engine's sort takes over.
 */
export function sortColumn(column: Float64Array, n: number): void {
  if (n < SHORT) {
    if (!insertionSort(column, n)) column.subarray(0, n).sort()
    return
  }
  const offset = offsetOf(column, n)
  for (let i = 0; i < n; i++) a[i] = column[i] - offset
  radixSort(column, n)
  if (offset !== 0) for (let i = 0; i < n; i++) column[i] += offset
  if (!insertionSort(column, n)) column.subarray(0, n).sort()
}

/**
 * What to take off values before their upper bits are looked at: 0, or the least one where all lie within a factor of two, as timestamps do.
 * There x − least is exact (Sterbenz), and tells apart values that share an exponent.
 */
export function offsetOf(values: Float64Array, n: number): number {
  let least = values[0]
  let most = least
  for (let i = 1; i < n; i++) {
    const x = values[i]
    if (x < least) least = x
    else if (x > most) most = x
  }
  if (least > 0) return most <= 2 * least ? least : 0
  return most < 0 && least >= 2 * most ? least : 0
}

/** a[0, n) into `column`, by three digits, the least significant first. */
function radixSort(column: Float64Array, n: number): void {
  low.fill(0)
  middle.fill(0)
  high.fill(0)
  for (let i = 0; i < n; i++) {
    const k = key(aWords[2 * i + 1])
    low[(k >>> 8) & 255]++
    middle[(k >>> 16) & 255]++
    high[k >>> 24]++
  }
  for (let d = 0, l = 0, m = 0, h = 0; d < 256; d++) {
    let c = low[d]
    low[d] = l
    l += c
    c = middle[d]
    middle[d] = m
    m += c
    c = high[d]
    high[d] = h
    h += c
  }
  for (let i = 0; i < n; i++) b[low[(key(aWords[2 * i + 1]) >>> 8) & 255]++] = a[i]
  for (let i = 0; i < n; i++) a[middle[(key(bWords[2 * i + 1]) >>> 16) & 255]++] = b[i]
  for (let i = 0; i < n; i++) column[high[key(aWords[2 * i + 1]) >>> 24]++] = a[i]
}

/** @returns false when it gave up, all values still there */
function insertionSort(column: Float64Array, n: number): boolean {
  let left = MOST_MOVES * n + 64
  for (let i = 1; i < n; i++) {
    const x = column[i]
    if (column[i - 1] <= x) continue
    let j = i - 1
    while (j >= 0 && column[j] > x) {
      column[j + 1] = column[j]
      j--
    }
    column[j + 1] = x
    left -= i - j
    if (left < 0) return false
  }
  return true
}
