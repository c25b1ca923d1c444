import { Command } from 'commander'
import packageJson from '../package.json' with { type: 'json' }
import { addGuildCommands } from './cli/commands/guild.ts'
import { addOfflineCommands } from './cli/commands/offline.ts'
import { addPeerCommands, addStatusCommand } from './cli/commands/peer.ts'
import { addStartCommand } from './cli/commands/start.ts'
import { addUserCommands } from './cli/commands/user.ts'
import { isExpected } from './cli/expected-error.ts'

const program = new Command('openguild')
  .description('host a guild from your own computer')
  .version(packageJson.version)
  .showHelpAfterError('(openguild --help lists the commands)')

addStartCommand(program)
addStatusCommand(program)
addUserCommands(program)
addGuildCommands(program)
addPeerCommands(program)
addOfflineCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  // What its user can mend is said in words; everything else keeps its stack.
  if (!isExpected(error)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
