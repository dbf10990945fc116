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
  /** How far beyond its noise (`swingOf`) the window lay that was farthest from the rest. */
  readonly largest: number
}

/** Windows from which on the largest of them says something. */
export const FEWEST_SWINGS = 3

/**
 * What of a measured value is more than counting: PSI less what it comes to by chance; of a difference, whose error adds in squares, √(d² − noise²).
 */
export function swingOf(check: string, value: number, noise: number): number {
  return check === 'psi' ? Math.max(0, value - noise) : Math.sqrt(Math.max(0, value ** 2 - noise ** 2))
}

/**
 * How far a check may swing in a window that is like training's own: 1.5·(1 + 3/R) times the largest of R. A further exchangeable window is beyond
 * the largest itself with probability 1/(R + 1), so few windows need more room. By simulation of levels (20,000 series, 20 windows served, two
 * running beyond it or one beyond twice it), series that ring at R = 3, 8, 19: normal levels 10, 1, 0 % (with the largest itself: 56, 26, 8 %);
 * Student's t₃ 18, 9, 4 %; AR(1) of .7 32, 17, 6 %; a period of 12 windows 42, 1, 0 %. A trend that goes on rings in the end at every R. Shares that
 * swing by four standard errors of counting, which is taken off and put back, ring in 39, 9, 1 % (AR(1): 67, 37, 12 %); 90 % without any of this.
 *
 * PSI grows with the square of a move, so that its factor is squared.
 */
export function usualSwing(swings: Swings | null, check: string): number {
  const swing = swings?.checks.get(check)
  if (swing === undefined) return 0
  const factor = 1.5 * (1 + 3 / swing.windows)
  return swing.largest * (check === 'psi' ? factor ** 2 : factor)
}

/** The bound of a difference that may swing so far, with the noise of this window. */
export function boundOfSwing(swing: number, noise: number): number {
  return swing === 0 ? 0 : Math.hypot(swing, noise)
}
