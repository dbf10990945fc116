/** A number as `jsonBytes` has it: the largest there is for ±∞, null for NaN. */
export function numberText(x: number | null): string {
  if (x === null || Number.isNaN(x)) return 'null'
  return String(Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, x)))
}

/** Names of checks and labels; there may be labels without end. */
const known = new Map<string | null, string>()
const MOST_KNOWN = 1000

/** A text that comes again and again, in quotes. */
export function quotedText(name: string | null): string {
  let text = known.get(name)
  if (text === undefined) {
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(name, (text = JSON.stringify(name)))
  }
  return text
}

/** A list of numbers. */
export function numbersText(numbers: readonly number[]): string {
  let text = '['
  for (let i = 0; i < numbers.length; i++) text += (i === 0 ? '' : ',') + numberText(numbers[i])
  return `${text}]`
}

const sharedTexts = new WeakMap<object, string>()

/** The text of what many events have in common, as the same object: made once. */
export function sharedText<T extends object>(one: T, textOf: (one: T) => string): string {
  let text = sharedTexts.get(one)
  if (text === undefined) sharedTexts.set(one, (text = textOf(one)))
  return text
}
