/** How often a condition is looked at; it costs a turn of the loop, so tests go on as soon as they can. */
const LOOK_MS = 5

/**
 * Waits until the condition holds. When it does not within the time, fails with what `describe` saw last. For what other
 * parts do on their own time; never for time itself.
 */
export async function until(
  holds: () => boolean,
  options: { timeoutMs?: number; describe?: () => unknown } = {},
): Promise<void> {
  const { timeoutMs = 10_000, describe = () => 'the condition does not hold' } = options
  const deadline = performance.now() + timeoutMs
  while (!holds()) {
    if (performance.now() > deadline) {
      throw new Error(`Not within ${timeoutMs} ms: ${JSON.stringify(describe(), undefined, 1)}`)
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
  }
}
