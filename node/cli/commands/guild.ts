import { type Command, InvalidArgumentError } from 'commander'
import { createdInviteSchema } from '../../api/invites.ts'
import { guildSchema } from '../../api/guilds.ts'
import { addDataDirFlag, configOf } from '../options.ts'
import { findRunningNode } from '../running-node.ts'

function wholeNumber(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Must be a whole number above 0.')
}

export function addGuildCommands(program: Command): void {
  const invite = program.command('invite').description('invite links')
  addDataDirFlag(invite.command('create'))
    .description('make a link that lets somebody into a guild; prints it')
    .argument('<guild-id>')
    .option('--max-uses <number>', 'how many may join with it; any number without this', wholeNumber)
    .option('--expires-in-secs <number>', 'seconds until it ends; never without this', wholeNumber)
    .option('--as <username>', 'act as this account instead of the first owner of the node')
    .action(async (guildId: string, options, command: Command) => {
      const node = await findRunningNode(configOf(command))
      const body = { max_uses: options.maxUses, expires_in_secs: options.expiresInSecs, as: options.as }
      const created = await node.call('POST', `/admin/v1/guilds/${encodeURIComponent(guildId)}/invites`, body)
      console.log(createdInviteSchema.parse(created).link)
    })

  addDataDirFlag(program.command('join'))
    .description('join the guild behind an openguild://join/… link')
    .argument('<link>')
    .option('--as <username>', 'act as this account instead of the first owner of the node')
    .action(async (link: string, options, command: Command) => {
      const node = await findRunningNode(configOf(command))
      const guild = guildSchema.parse(await node.call('POST', '/admin/v1/join', { link, as: options.as }))
      console.log(`Joined ${guild.name} (${guild.guild_id})`)
    })
}
