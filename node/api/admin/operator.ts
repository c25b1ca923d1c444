import { isMultiaddr, multiaddr } from '@multiformats/multiaddr'
import { z } from 'zod'
import type { ServerName } from '../../base/ids.ts'
import { isPeerId } from '../../events/peer-id.ts'
import type { User } from '../../services/accounts.ts'
import { createInviteSchema } from '../invites.ts'
import { presentTime } from '../times.ts'
import type { UserBody } from './shapes.ts'

export { userSchema } from './shapes.ts'

const actingAs = z.string().nullish().describe('Username to act as; the first owner of the node when absent')

export const addUserSchema = z.object({ username: z.string(), password: z.string() })

export const adminInviteSchema = createInviteSchema.extend({ as: actingAs })
export const adminJoinSchema = z.object({ link: z.string().describe('`openguild://join/…`'), as: actingAs })

export const peerIdParam = z
  .string()
  .refine(isPeerId, 'must be a peer id (12D3Koo…)')
  .transform((text) => text as ServerName)
  .meta({ type: 'string', description: 'Peer id' })

/** A multiaddr that ends in `/p2p/<peer id>`, taken apart. */
export const addPeerSchema = z.object({
  address: z
    .string()
    .transform((text, context) => {
      const peer = readAddress(text)
      if (peer !== undefined) return peer
      context.addIssue({
        code: 'custom',
        message: 'must be a multiaddr with a peer id, like /ip4/…/tcp/…/p2p/12D3Koo…',
      })
      return z.NEVER
    })
    .meta({ type: 'string', description: 'Multiaddr ending in `/p2p/<peer id>`' }),
})

function readAddress(text: string): { peerId: ServerName; address: string } | undefined {
  const [address, peerId] = text.split('/p2p/')
  if (address === undefined || peerId === undefined || !isPeerId(peerId) || !isReadable(address)) return undefined
  return { peerId, address }
}

function isReadable(address: string): boolean {
  try {
    return isMultiaddr(multiaddr(address))
  } catch {
    return false
  }
}

export const keysSchema = z
  .object({ peer_id: z.string(), statement: z.looseObject({}).describe('The node’s signed key statement') })
  .meta({ id: 'NodeKeys' })

export const presentUser = (user: User, roles: readonly string[]): UserBody => ({
  user_id: user.userId,
  username: user.username,
  created_at: presentTime(user.createdAt),
  roles: [...roles],
})
