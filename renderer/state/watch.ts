/** Runs `look` now and then every `everyMs` after it has settled, but only while the page is visible. Gives the way to stop. */
export function watchWhileVisible(look: () => Promise<void>, everyMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isLooking = false
  let isStopped = false

  async function turn(): Promise<void> {
    clearTimeout(timer)
    if (isStopped || isLooking || document.hidden) return
    isLooking = true
    try {
      await look()
    } finally {
      isLooking = false
      if (!isStopped) timer = setTimeout(turn, everyMs)
    }
  }

  const onVisible = () => void turn()
  document.addEventListener('visibilitychange', onVisible)
  void turn()

  return () => {
    isStopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', onVisible)
  }
}
