import type { Command } from 'commander'
import { createLogger } from '../../base/log-create.ts'
import { logCrashes, type Runnable, runUntilSignal } from '../../base/run-until-signal.ts'
import { loggerOptions } from '../../config/resolve.ts'
import { createNode, type OpenGuildNode } from '../../index.ts'
import { addConfigFlags, configOf } from '../options.ts'
import { columns } from '../print.ts'

export function addStartCommand(program: Command): void {
  addConfigFlags(program.command('start'))
    .description('run the node until it is told to stop')
    .option('--headless', 'never open the desktop window')
    .action(async (_options, command: Command) => {
      const { config, secrets } = configOf(command)
      const log = createLogger(loggerOptions(config))
      logCrashes(log)
      // Made within the run, so that a signal finds somebody who listens from the moment the data directory is taken.
      let opening: Promise<OpenGuildNode> | undefined
      const run: Runnable = {
        async start() {
          opening = createNode({ config, secrets, log })
          const node = await opening
          await node.start()
          console.log(welcome(node))
        },
        async stop() {
          const node = await opening?.catch(() => undefined)
          return node === undefined ? { hung: [], failed: [] } : node.stop()
        },
      }
      await runUntilSignal(run, log)
    })
}

function welcome(node: OpenGuildNode): string {
  const addresses = node.federation?.addresses() ?? []
  return columns([
    ['OpenGuild', 'is running. Ctrl+C stops it.'],
    ['api', node.apiAddress],
    ['dashboard', `${node.apiAddress}/admin/`],
    ['docs', `${node.apiAddress}/docs`],
    ['peer id', node.peerId],
    ...addresses.map((address) => ['reachable at', address]),
    ['data', node.dataDir],
  ])
}
