/** Now, in ms since the epoch as logs tell it, with fractions, and without the jumps of a clock that is set. */
export function clockMs(): number {
  return performance.timeOrigin + performance.now();
}
