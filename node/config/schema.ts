import { hostname } from 'node:os'
import envPaths from 'env-paths'
import type { z } from 'zod'
import { bindAddress, ipAddress, key, list, oneOf, parseSqliteUrl, section, text, whole } from './fields.ts'
import { admin, cors, messaging, metrics, session } from './sections/api.ts'
import { limits } from './sections/limits.ts'
import { logFile, storage } from './sections/machine.ts'
import { federation, identity, mls, p2p, sync } from './sections/peers.ts'

/** Every key of the configuration; the names of contract 9.2 keep their spelling, in files as in code. */
export const settingsSchema = section({
  bind_addr: key(bindAddress().optional(), {
    description: 'Address and port of the API in one; wins over `host` and `port`. Port 0 picks a free one.',
    flag: true,
  }),
  host: key(ipAddress().default('127.0.0.1'), {
    description: 'IP address of the API. `0.0.0.0` opens it to other computers.',
    flag: true,
  }),
  port: key(whole(1, 65_535).default(8080), { description: 'Port of the API.', flag: true }),
  server_name: key(
    text('must be 1 to 255 characters', (value) => value.trim() !== '' && value.length <= 255).default(
      defaultServerName,
    ),
    {
      description: 'Display name, which other nodes see. What they rely on is the peer id.',
      flag: true,
      shownDefault: 'name of the computer',
    },
  ),
  allowed_hosts: key(list(text('must be a host name')).default([]), {
    description:
      'Host names this node is reached by, beside IP addresses and `localhost`. Requests for others are refused.',
    flag: 'allowed-host',
  }),
  trust_proxy: key(oneOf(['never', 'loopback', 'always']).default('loopback'), {
    description: 'Whose `x-forwarded-for` counts: nobody’s, that of a proxy on this computer, or anybody’s.',
    flag: true,
  }),
  data_dir: key(text('must be the path of a directory').default(defaultDataDir), {
    description: 'Everything the node keeps. A relative path starts at the working directory.',
    flag: true,
    shownDefault: 'by platform, e.g. `~/.local/share/openguild`',
  }),
  database_url: key(
    text(
      'must be sqlite:<path of a file>: the data is kept in one SQLite file, other databases are not supported',
      (url) => parseSqliteUrl(url) !== undefined,
    ).optional(),
    { description: '`sqlite:<path>` of the database file. Default: `openguild.db` in the data directory.', flag: true },
  ),
  registration: key(oneOf(['auto', 'open', 'invite', 'closed']).default('auto'), {
    description: 'Who may register. `auto`: `open` while the API listens on loopback only, else `invite`.',
    flag: true,
  }),
  log_format: key(oneOf(['compact', 'json']).default('compact'), {
    description: 'Log lines for people or for machines.',
    flag: true,
  }),
  log_level: key(oneOf(['debug', 'info', 'warn', 'error']).default('info'), {
    description: 'Least important level that is logged.',
    flag: true,
  }),
  log_file: logFile.prefault({}),
  metrics: metrics.prefault({}),
  cors: cors.prefault({}),
  messaging: messaging.prefault({}),
  federation: federation.prefault({}),
  mls: mls.prefault({}),
  session: session.prefault({}),
  admin: admin.prefault({}),
  identity: identity.prefault({}),
  limits: limits.prefault({}),
  p2p: p2p.prefault({}),
  sync: sync.prefault({}),
  storage: storage.prefault({}),
})

export type Settings = z.output<typeof settingsSchema>

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

/**
 * What areas receive, whole or by section (`Config['limits']`): checked, complete and frozen. Holds no secret, so it
 * may be logged; those are in `ConfiguredSecrets`.
 */
export type Config = Frozen<
  Omit<Settings, 'session' | 'admin'> & {
    session: Omit<Settings['session'], 'signing_key'>
    admin: Omit<Settings['admin'], 'token'>
  }
>

/** Secrets that came from configuration; what is missing is made and kept by `openSecrets`. */
export interface ConfiguredSecrets {
  /** Seed in the form of contract 4.3. */
  sessionSigningKey: string | undefined
  adminToken: string | undefined
  passphrase: string | undefined
}

/** For people who run several nodes the directory is always given; this is the one of the desktop. */
export function defaultDataDir(): string {
  return envPaths('openguild', { suffix: '' }).data
}

/** So that the owner of several computers can tell the nodes in a list apart. */
function defaultServerName(): string {
  return hostname() || 'localhost'
}
