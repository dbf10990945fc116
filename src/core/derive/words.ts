import type { Origin } from './origin.js'

/** What a derived series is made of, for people. */
export function originText({ terms }: Origin): string {
  const sum = terms.map(({ feature, weight }, t) => {
    const factor = Number(Math.abs(weight).toPrecision(3))
    const sign = weight < 0 ? '−' : '+'
    return `${t === 0 ? (weight < 0 ? '−' : '') : ` ${sign} `}${factor} ${feature}`
  })
  return `${sum.join('')}, each less its median, over σ`
}
