import { createLifecycle } from '../../../node/base/lifecycle.ts'
import { createLogger } from '../../../node/base/log-create.ts'
import { runUntilSignal } from '../../../node/base/run-until-signal.ts'

/** A process with one part that holds a timer; `hang` makes its stop never end, `leak` leaves the timer behind. */
const mode = process.argv[2]
const log = createLogger({
  format: 'json',
  level: mode === 'leak' ? 'debug' : 'info',
  sink: (line) => process.stdout.write(`${line}\n`),
})
const lifecycle = createLifecycle(log, { stopDeadlineMs: mode === 'hang' ? 60_000 : 1000 })
let timer: NodeJS.Timeout

lifecycle.add({
  name: 'clockwork',
  start() {
    timer = setInterval(() => {}, 1000)
    log.info({}, 'up')
  },
  stop() {
    if (mode === 'hang') return new Promise<void>(() => {})
    if (mode !== 'leak') clearInterval(timer)
    return undefined
  },
})

await runUntilSignal(lifecycle, log)
