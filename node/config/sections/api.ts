import { bindAddress, flagValue, key, key32, list, section, text, webOrigin, whole } from '../fields.ts'

export const metrics = section({
  enabled: key(flagValue().default(false), { description: 'Serve Prometheus figures at `/metrics`.', flag: true }),
  bind_addr: key(bindAddress().optional(), {
    description: 'Own listener for `/metrics`; it then disappears from the API address.',
    flag: true,
  }),
})

export const cors = section({
  allowed_origins: key(list(webOrigin()).default([]), {
    description: 'Web origins that may call the API. Empty, or with `*`: every origin.',
  }),
})

export const messaging = section({
  max_messages_per_user_per_window: key(whole(1, 1_000_000).default(60), {
    description: 'Messages one user may post within a window.',
    flag: true,
  }),
  max_messages_per_ip_per_window: key(whole(1, 1_000_000).default(200), {
    description: 'Messages one address may post within a window.',
    flag: true,
  }),
  rate_limit_window_secs: key(whole(1, 86_400).default(60), { description: 'Length of that window.', flag: true }),
})

export const session = section({
  signing_key: key(key32('the seed of an Ed25519 key').optional(), {
    description:
      'Seed of the key that signs access tokens. Without it the node makes one and keeps it in the data directory.',
    flag: true,
    secret: true,
  }),
  fallback_verifying_keys: key(list(key32('an Ed25519 public key')).default([]), {
    description: 'Public keys of earlier signing keys, whose tokens still count.',
    flag: 'session-fallback-verifying-key',
  }),
})

export const admin = section({
  token: key(text('must be at least 32 characters', (value) => value.length >= 32).optional(), {
    description: 'Token of the admin API. Without it the node makes one and keeps it in the data directory.',
    secret: true,
  }),
  allow_remote: key(flagValue().default(false), {
    description: 'Answer admin calls from other computers too.',
    flag: true,
  }),
})
