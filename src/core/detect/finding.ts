import type { Action, AlertKind, Cause, Evidence } from '../alert/event.js'

/** What a finding says of itself. */
export interface Words {
  readonly summary: string
  readonly cause: Cause
}

/** What one check found. Its words are made when they are asked for: of the checks of a thousand series few are told of. */
export class Finding {
  constructor(
    readonly evidence: Evidence,
    readonly kind: AlertKind,
    /** value / threshold: how far it went. */
    readonly ratio: number,
    readonly action: Exclude<Action, 'none'>,
    private readonly words: () => Words,
  ) {}

  get summary(): string {
    return this.words().summary
  }

  get cause(): Cause {
    return this.words().cause
  }

  /** The same with other evidence. */
  with(evidence: Evidence): Finding {
    return new Finding(evidence, this.kind, this.ratio, this.action, this.words)
  }

  /** The same in other words. */
  saying(words: () => Words): Finding {
    return new Finding(this.evidence, this.kind, this.ratio, this.action, words)
  }
}
