import { flagValue, key, key32, list, multiaddress, section, text, whole } from '../fields.ts'

const DEFAULT_CIPHERSUITE = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519'

const trustedServer = section({
  server_name: text('must name the server'),
  key_id: text('must name the key'),
  verifying_key: key32('the public key of the server'),
})

export const federation = section({
  trusted_servers: key(list(trustedServer).default([]), {
    description:
      'HTTP servers whose transactions are accepted. A later entry with the same name replaces an earlier one.',
  }),
})

export const mls = section({
  enabled: key(flagValue().default(false), { description: 'Serve the MLS key package endpoints.' }),
  ciphersuite: key(text('must name a ciphersuite').default(DEFAULT_CIPHERSUITE), { description: 'MLS ciphersuite.' }),
  identities: key(list(text('must name an identity')).default([]), {
    description: 'Identities with key packages; at least one when `mls.enabled`.',
  }),
}).refine((mlsSection) => !mlsSection.enabled || mlsSection.identities.length > 0, {
  path: ['identities'],
  error: 'must list at least one identity while mls.enabled is true',
})

export const identity = section({
  passphrase_file: key(text('must be the path of a file').optional(), {
    description: 'File whose first line seals the identity key. `OPENGUILD_PASSPHRASE` does the same and wins.',
    flag: true,
  }),
})

export const p2p = section({
  enabled: key(flagValue().default(true), {
    description: 'Replicate guilds with other nodes over libp2p.',
    flag: true,
  }),
  lan: key(flagValue().default(true), {
    description: 'Listen on all interfaces so that other computers can connect. `false`: this computer only.',
    flag: true,
  }),
  port: key(whole(0, 65_535).default(0), { description: 'TCP port for peers; 0 picks a free one.', flag: true }),
  listen: key(list(multiaddress()).default([]), {
    description: 'Multiaddrs to listen on. Empty: one TCP address made from `p2p.lan` and `p2p.port`.',
    flag: true,
  }),
  announce: key(list(multiaddress()).default([]), {
    description: 'Multiaddrs told to others instead of the observed ones (port forwarding, tunnels).',
    flag: true,
  }),
  mdns: key(flagValue().default(true), { description: 'Find nodes on the same LAN. Needs `p2p.lan`.', flag: true }),
  gossip: key(flagValue().default(true), {
    description: 'Pass new events on at once. Without it they travel at the next sync.',
    flag: true,
  }),
})

export const sync = section({
  interval_secs: key(whole(1, 86_400).default(30), {
    description: 'How often heads are compared with a random peer.',
    flag: true,
  }),
})
