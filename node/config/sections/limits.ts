import { key, section, whole } from '../fields.ts'

const MIB = 1024 * 1024

export const limits = section({
  body_max_bytes: key(whole(1024, 64 * MIB).default(2 * MIB), { description: 'Largest HTTP request body.' }),
  ws_max_sockets: key(whole(1, 100_000).default(256), { description: 'Open WebSockets in all.' }),
  ws_max_sockets_per_user: key(whole(1, 100_000).default(32), { description: 'Open WebSockets of one user.' }),
  ws_queue_frames: key(whole(1, 65_536).default(256), {
    description: 'Frames a slow WebSocket may be behind before it is closed.',
  }),
  ws_ping_interval_secs: key(whole(1, 3600).default(30), { description: 'How often the node pings a WebSocket.' }),
  ws_idle_timeout_secs: key(whole(2, 86_400).default(90), {
    description: 'A WebSocket that answers nothing for so long is closed. Longer than the ping interval.',
  }),
  login_attempts_per_window: key(whole(1, 1_000_000).default(10), {
    description:
      'Failed logins for one name or from one address, and registrations from another computer, within a window.',
  }),
  login_window_secs: key(whole(1, 86_400).default(60), { description: 'Length of that window.' }),
  waiting_events_per_guild: key(whole(1, 1_000_000).default(20_000), {
    description: 'Events of one guild kept while what they refer to is missing.',
  }),
  waiting_events_per_peer: key(whole(1, 1_000_000).default(5_000), {
    description: 'The same for what one peer sent.',
  }),
  gossip_events_per_sec_per_peer: key(whole(1, 100_000).default(500), {
    description: 'Gossiped events taken from one peer; the rest arrives by sync.',
  }),
}).refine((limitsSection) => limitsSection.ws_idle_timeout_secs > limitsSection.ws_ping_interval_secs, {
  path: ['ws_idle_timeout_secs'],
  error: 'must be longer than limits.ws_ping_interval_secs',
})
