import { collect } from '../collect.js'

/** Heap and array buffers in use, bytes. */
export function bytesInUse(): number {
  // The second takes what the first has found to be free of its finalizers.
  collect()
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
