import { MISSING, NUMBER, type Row, TEXT } from '../row.js'
import type { Derivation } from './derivation.js'
import { Tokens } from './tokens.js'
import type { Vocabulary } from './vocabulary.js'

/** A series of out-of-vocabulary shares: its slot, and the vocabulary of its baseline. */
export interface Unfamiliar {
  readonly slot: number
  readonly vocabulary: Vocabulary
}

/** Fills length, tokens and out-of-vocabulary shares of one text feature. */
export class TextSeries implements Derivation {
  readonly tokens = new Tokens()
  /** No share is given while it is set: the row is one that the vocabulary was learnt from, and knows too well. */
  learntFrom = false

  /**
   * @param source slot that holds the text's place
   * @param length, count slots that are filled; the length's also says why there is none
   */
  constructor(
    readonly source: number,
    private readonly length: number,
    private readonly count: number,
    private readonly unfamiliar: readonly Unfamiliar[],
  ) {}

  fill(row: Row): void {
    const { flags, numbers } = row
    const { source, length, count, unfamiliar, tokens } = this
    if (flags[source] !== TEXT) {
      flags[length] = flags[source]
      flags[count] = MISSING
      for (let u = 0; u < unfamiliar.length; u++) flags[unfamiliar[u].slot] = MISSING
      return
    }
    tokens.scan(row.bytes, row.starts[source], row.lengths[source])
    numbers[length] = tokens.characters
    flags[length] = NUMBER
    numbers[count] = tokens.count
    flags[count] = NUMBER
    for (let u = 0; u < unfamiliar.length; u++) {
      const { slot, vocabulary } = unfamiliar[u]
      const share = vocabulary.unknownShare(tokens.hashes, tokens.count)
      numbers[slot] = share
      flags[slot] = this.learntFrom || Number.isNaN(share) ? MISSING : NUMBER
    }
  }
}
