import { AsyncLocalStorage } from 'node:async_hooks'

const current = new AsyncLocalStorage<string>()

/** Runs `work`, and all it starts, as part of the request `requestId`; log lines written meanwhile carry the id. */
export const runWithRequestId = <T>(requestId: string, work: () => T): T => current.run(requestId, work)

export const currentRequestId = (): string | undefined => current.getStore()
