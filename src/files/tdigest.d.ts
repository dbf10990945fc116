declare module 'tdigest' {
  export interface Centroid {
    mean: number
    n: number
  }
  /** Reference implementation of Dunning's t-digest; ships no types. */
  export class TDigest {
    /** @param delta compression; false: exact and discrete. K = 0: never compress, which draws from Math.random. */
    constructor(delta?: number | false, K?: number, CX?: number)
    readonly n: number
    size(): number
    push(x: number | readonly number[], n?: number): void
    push_centroid(centroids: Centroid | readonly Centroid[]): void
    percentile(p: number): number | undefined
    percentile(p: readonly number[]): number[]
    p_rank(x: number): number | undefined
    compress(): void
    toArray(everything?: boolean): Centroid[]
  }
}
