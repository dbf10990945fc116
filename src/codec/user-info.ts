/** A text without the user and password of the URLs in it. */
export function withoutUserInfo(text: string): string {
  return text.replace(/\/\/[^\s/@]+@/g, '//')
}
