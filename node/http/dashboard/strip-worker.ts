import { stripTypeScriptTypes } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'

const sources: readonly string[] = workerData
parentPort?.postMessage(sources.map((source) => stripTypeScriptTypes(source)))
