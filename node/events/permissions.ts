/**
 * Permission bits of a role (`role.put`). Roles carry `0 <= bits < 2^31`, so JavaScript's bitwise operators are safe;
 * bits this version does not know are kept and mean nothing.
 */
export const PERMISSIONS = {
  view_channel: 1,
  send_messages: 2,
  attach_files: 4,
  add_reactions: 8,
  manage_messages: 16,
  manage_channels: 32,
  manage_roles: 64,
  manage_guild: 128,
  create_invites: 256,
  kick_members: 512,
  ban_members: 1024,
  mention_everyone: 2048,
  manage_node: 4096,
} as const

export type Permission = keyof typeof PERMISSIONS

/** Every bit this version knows. */
export const ALL_PERMISSIONS = Object.values(PERMISSIONS).reduce((bits, bit) => bits | bit, 0)

export const permissionBits = (...names: readonly Permission[]): number =>
  names.reduce((bits, name) => bits | PERMISSIONS[name], 0)

export const hasPermission = (bits: number, name: Permission): boolean => (bits & PERMISSIONS[name]) !== 0

export interface RoleDefinition {
  readonly role_id: string
  readonly name: string
  /** Rank: you act only on what is strictly below you. */
  readonly position: number
  readonly permissions: number
}

/**
 * The bits of the first version. Default roles are part of every guild's state and so of its hash: they keep these numbers
 * when later versions know more bits.
 */
const ALL_AT_FIRST = 8191
const VIEW = permissionBits('view_channel')
const POST = VIEW | permissionBits('send_messages', 'attach_files', 'add_reactions')
const MEMBER = POST | permissionBits('create_invites')
const MAINTAIN = MEMBER | permissionBits('manage_channels')
const MODERATE = MAINTAIN | permissionBits('manage_messages', 'kick_members', 'ban_members', 'mention_everyone')

/** The role of the creator: all permissions, above all, held by one member and never taken away. */
export const OWNER_ROLE_ID = 'owner'
/** The role a member holds when the invitation names none. */
export const MEMBER_ROLE_ID = 'member'

/** Roles every guild has from its `guild.create` on: the original's labels, its ranks times 100, its web client's table. */
export const DEFAULT_ROLES: readonly RoleDefinition[] = [
  { role_id: OWNER_ROLE_ID, name: 'owner', position: 700, permissions: ALL_AT_FIRST },
  { role_id: 'admin', name: 'admin', position: 600, permissions: ALL_AT_FIRST },
  { role_id: 'moderator', name: 'moderator', position: 500, permissions: MODERATE },
  { role_id: 'maintainer', name: 'maintainer', position: 400, permissions: MAINTAIN },
  { role_id: MEMBER_ROLE_ID, name: 'member', position: 300, permissions: MEMBER },
  { role_id: 'contributor', name: 'contributor', position: 200, permissions: POST },
  { role_id: 'viewer', name: 'viewer', position: 100, permissions: VIEW },
  { role_id: 'guest', name: 'guest', position: 0, permissions: VIEW },
]
