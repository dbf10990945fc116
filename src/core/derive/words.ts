import { jointFeatures } from './joint.js'
import type { Joint, Origin } from './origin.js'

/** What a derived series is made of, for people. */
export function originText(origin: Origin): string {
  if (origin.what === 'joint') return jointText(origin)
  const { of } = origin
  if (origin.what === 'embedding')
    return origin.part === 0 ? `length of the vector ${of}` : `${of} along seeded direction ${origin.part}`
  if (origin.part === 'length') return `characters of ${of}`
  if (origin.part === 'tokens') return `tokens of ${of}`
  return `share of the tokens of ${of} that are not among the ${origin.vocabulary.length} most frequent of training`
}

function jointText(joint: Joint): string {
  const sum = joint.terms.map(({ feature, weight }, t) => {
    const factor = Number(Math.abs(weight).toPrecision(3))
    const sign = weight < 0 ? '−' : '+'
    return `${t === 0 ? (weight < 0 ? '−' : '') : ` ${sign} `}${factor} ${feature}`
  })
  return `how ${jointFeatures(joint)} go together: ${sum.join('')}, each less its median, over σ`
}
