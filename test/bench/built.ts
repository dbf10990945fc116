/**
 * A compiled module of `dist`, typed by its source: what is measured is what users run. A loader that compiles on the fly keeps names by a
 * call for every closure, which shows in nanoseconds a value.
 */
export function built<M>(path: string): Promise<M> {
  return import(new URL(`../../dist/${path}.js`, import.meta.url).href)
}
