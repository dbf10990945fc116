/** Words of a name in lower case: `tripMiles`, `trip_miles` and `TRIP-MILES` are trip, miles; numbers are words of their own. */
export function tokensOf(name: string): string[] {
  return (
    name
      .normalize('NFC')
      .match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}]+|\p{Lt}\p{Ll}*|\d+/gu)
      ?.map(token => token.toLowerCase()) ?? []
  )
}
