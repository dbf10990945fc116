/** Ways in which pipelines write the same label differently, mildest first. */
export const SPELLINGS: readonly { readonly words: string; readonly of: (label: string) => string }[] = [
  { words: 'white space', of: label => label.trim().replace(/\s+/gu, ' ') },
  { words: 'case', of: label => label.toLowerCase() },
  { words: 'leading zeros', of: label => label.replace(/^0+(?=\d)/u, '') },
  { words: 'decimals', of: label => label.replace(/^(-?\d+)\.0+$/u, '$1') },
  { words: 'quotes', of: label => label.replace(/^["'](.*)["']$/u, '$1') },
  { words: 'separators', of: label => label.replace(/[\s_-]+/gu, '-') },
  { words: 'accents', of: label => label.normalize('NFKD').replace(/\p{M}/gu, '') },
]

/** The label with every difference of spelling taken out. */
export function plain(label: string): string {
  return SPELLINGS.reduce((text, { of }) => of(text), label)
}

/** Which differences part two labels that are plainly the same. */
export function differences(one: string, other: string): string[] {
  return SPELLINGS.filter((_, s) => {
    const others = SPELLINGS.filter((_, o) => o !== s)
    const without = (label: string): string => others.reduce((text, { of }) => of(text), label)
    return without(one) !== without(other)
  }).map(({ words }) => words)
}
