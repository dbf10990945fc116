/** How far the windows of the training rows lay from the rest of them, by the launch rule's own measures. */
export interface Swings {
  /** Of the windows: what windows of another size come to is not known. */
  readonly sizeMs: number
  /** By check of the launch rule; none that training's windows do not move. */
  readonly checks: ReadonlyMap<string, Swing>
}

export interface Swing {
  /** Windows with rows enough for the check, at least `FEWEST_SWINGS`. */
  readonly windows: number
  /** What the check came to in the window that lay farthest from the rest; of PSI what was beyond its noise. */
  readonly largest: number
}

/** Windows from which on the largest of them says something. */
export const FEWEST_SWINGS = 3

/**
 * What a check may come to in a window that is like training's own: 1.5·(1 + 3/R) times the largest of R. A further exchangeable window is beyond
 * the largest itself with probability 1/(R + 1), so few windows need more room. By simulation of levels (20,000 series, 20 windows served, two
 * running beyond it or one beyond twice it), series that ring at R = 3, 8, 19: normal levels 10, 1, 0 % (with the largest itself: 56, 26, 8 %);
 * Student's t₃ 18, 9, 4 %; AR(1) of .7 32, 17, 6 %; a period of 12 windows 42, 1, 0 %. A trend that goes on rings in the end at every R.
 *
 * PSI grows with the square of a move, so that its factor is squared.
 */
export function usualSwing(swings: Swings | null, check: string): number {
  const swing = swings?.checks.get(check)
  if (swing === undefined) return 0
  const factor = 1.5 * (1 + 3 / swing.windows)
  return swing.largest * (check === 'psi' ? factor ** 2 : factor)
}
