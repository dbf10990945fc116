/** Below these a change does not matter, whatever its z. */
export const LEAST = { share: 0.005, psi: 0.01, mean: 0.05, spread: 0.05, w1: 0.05, distinct: 0.25 }
