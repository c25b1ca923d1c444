import { createMachines } from '../kit/machines.ts'
import { bringBob, foundGuild, inviteOthers } from './beginning.ts'
import type { Cast } from './cast.ts'
import { goHome, growWithoutHost, showStatus, survivePowerCut } from './endurance.ts'
import { createStage, formatTime } from './stage.ts'

/** Ten thousand messages in one go are more than a person posts. */
const SETTINGS = {
  'messaging.max_messages_per_user_per_window': '1000000',
  'messaging.max_messages_per_ip_per_window': '1000000',
  'metrics.enabled': 'true',
}

/**
 * The main job from beginning to end: real processes and real sockets, nothing held or stubbed. Exits non-zero when anything
 * differs from what the people of a guild may expect.
 */
async function tell(cast: Cast): Promise<void> {
  const guild = await foundGuild(cast)
  const links = await inviteOthers(cast, guild)
  const bob = await bringBob(cast, guild, links)
  await survivePowerCut(cast, guild, bob)
  await growWithoutHost(cast, guild, bob)
  await showStatus(cast, guild)
  await goHome(cast)
}

await using machines = createMachines(SETTINGS)

const nodeOf = (name: string) => machines.add(name, { settings: { server_name: `node ${name}` } })
const cast: Cast = { stage: createStage(), a: nodeOf('A'), b: nodeOf('B'), c: nodeOf('C') }

console.log(`OpenGuild: three nodes, each a process of its own, in ${machines.file('')}`)
try {
  await tell(cast)
  console.log(`\nAll of it is as it should be; it took ${formatTime(cast.stage.elapsedMs())}.`)
} catch (error) {
  process.exitCode = 1
  console.error(error)
  for (const node of machines.nodes) console.error(`\n--- what the node in ${node.dataDir} said\n${node.output()}`)
}
