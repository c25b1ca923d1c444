import type { Part } from '../base/lifecycle.ts'
import type { Logger } from '../base/log.ts'
import type { Services } from './services.ts'

/** How often waiting events are looked at and old records are dropped. */
const TIDY_MS = 30_000

/** What a node does now and then without being asked. */
export function createMaintenance({ timeline }: Pick<Services, 'timeline'>, log: Logger): Part {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined

  function tidy(): void {
    running ??= timeline
      .tidy()
      .catch((error: unknown) => log.error({ error }, 'Housekeeping failed; it is tried again'))
      .finally(() => {
        running = undefined
      })
  }

  return {
    name: 'maintenance',
    async start() {
      await timeline.recover()
      timer = setInterval(tidy, TIDY_MS).unref()
    },
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}
