import type { Command } from 'commander'
import { nodeStatusSchema } from '../../api/admin/status.ts'
import { addDataDirFlag, configOf } from '../options.ts'
import { peersText, statusText } from '../print.ts'
import { findRunningNode } from '../running-node.ts'

export function addStatusCommand(program: Command): void {
  addDataDirFlag(program.command('status'))
    .description('what the running node holds, misses and is connected to')
    .option('--json', 'print it as JSON')
    .action(async (options, command: Command) => {
      const status = await readStatus(command)
      console.log(options.json ? JSON.stringify(status, null, 2) : statusText(status))
    })
}

export function addPeerCommands(program: Command): void {
  const peer = program.command('peer').description('other nodes')
  addDataDirFlag(peer.command('list'))
    .description('nodes this one knows')
    .action(async (_options, command: Command) => console.log(peersText((await readStatus(command)).peers)))
  addDataDirFlag(peer.command('add'))
    .description('keep a connection to a node')
    .argument('<address>', 'multiaddr ending in /p2p/<peer id>')
    .action(async (address: string, _options, command: Command) => {
      await (await findRunningNode(configOf(command))).call('POST', '/admin/v1/peers', { address })
    })
  addDataDirFlag(peer.command('block'))
    .description('cut a node off, at once and for good')
    .argument('<peer-id>')
    .action(async (peerId: string, _options, command: Command) => {
      const node = await findRunningNode(configOf(command))
      await node.call('PUT', `/admin/v1/peers/${encodeURIComponent(peerId)}/block`)
    })
}

async function readStatus(command: Command) {
  const node = await findRunningNode(configOf(command))
  return nodeStatusSchema.parse(await node.call('GET', '/admin/v1/status'))
}
