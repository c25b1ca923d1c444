import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/**
 * TypeScript sources as the JavaScript a browser runs, each line where it was. In a thread of its own: the stripper takes
 * a while to load, and Node 24 warns that it is experimental, which nobody who looks at the dashboard needs to read.
 * Throws when one of the sources is no erasable TypeScript.
 */
export async function stripTypes(sources: readonly string[]): Promise<string[]> {
  const worker = new Worker(new URL('./strip-worker.ts', import.meta.url), {
    workerData: sources,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
  worker.unref()
  const [stripped] = (await once(worker, 'message')) as [string[]]
  return stripped
}
