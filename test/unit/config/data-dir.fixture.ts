import { lockDataDir } from '../../../node/config/data-dir.ts'

/** A process that holds a data directory until it is killed, though it has forgotten the lock and collected garbage. */
lockDataDir(process.argv[2] ?? '')
setTimeout(() => {
  globalThis.gc?.()
  process.stdout.write('locked\n')
  setInterval(() => {}, 1000)
}, 10)
