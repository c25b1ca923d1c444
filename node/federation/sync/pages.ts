import { setImmediate as nextTurn } from 'node:timers/promises'
import type { StoredEvent } from '../../services/timeline/types.ts'
import { MAX_PAGE_BYTES, MAX_PAGE_EVENTS } from '../wire.ts'

/**
 * Texts cut to what one frame may carry. The event loop gets a turn between pages, because reading them blocks it.
 */
export async function* cutPages(source: Iterable<readonly StoredEvent[]>): AsyncGenerator<string[], void, void> {
  let page: string[] = []
  let bytes = 0
  for (const events of source) {
    for (const { body } of events) {
      const size = Buffer.byteLength(body) + 1
      if (page.length > 0 && (page.length === MAX_PAGE_EVENTS || bytes + size > MAX_PAGE_BYTES)) {
        yield page
        page = []
        bytes = 0
      }
      page.push(body)
      bytes += size
    }
    await nextTurn()
  }
  if (page.length > 0) yield page
}
