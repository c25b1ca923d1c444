import type { Command } from 'commander'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { userSchema } from '../../api/admin/operator.ts'
import { addDataDirFlag, configOf } from '../options.ts'
import { columns } from '../print.ts'
import { CommandError, findRunningNode } from '../running-node.ts'

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('accounts of this node')
  addDataDirFlag(user.command('add'))
    .description('add an account; the password is read from standard input, so that no list of processes shows it')
    .argument('<username>')
    .action(async (username: string, _options, command: Command) => {
      const node = await findRunningNode(configOf(command))
      const body = { username, password: await readPassword() }
      const added = userSchema.parse(await node.call('POST', '/admin/v1/users', body))
      console.log(added.user_id)
    })
  addDataDirFlag(user.command('list'))
    .description('accounts, oldest first')
    .action(async (_options, command: Command) => {
      const node = await findRunningNode(configOf(command))
      const users = z.array(userSchema).parse(await node.call('GET', '/admin/v1/users'))
      console.log(columns(users.map((row) => [row.user_id, row.username, row.created_at, row.roles.join(', ')])))
    })
}

async function readPassword(): Promise<string> {
  if (process.stdin.isTTY) process.stderr.write('Password, then Enter and Ctrl+D: ')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  if (password === '') throw new CommandError('Give the password on standard input: echo … | openguild user add NAME')
  return password
}
