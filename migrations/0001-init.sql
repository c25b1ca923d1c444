-- Schema version 1. Times are milliseconds since the Unix epoch, ids are text as on the wire.

-- One row per fact about this database file itself.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The log of one origin in one guild: an append-only hash chain. The tip is its last event held here.
CREATE TABLE logs (
  log_id        INTEGER PRIMARY KEY,
  guild_id      TEXT NOT NULL,
  origin        TEXT NOT NULL,
  tip_position  INTEGER NOT NULL,
  tip_event_id  TEXT NOT NULL,
  -- 1 when an event of another origin links to the tip: it is no head of the guild's graph any more.
  tip_covered   INTEGER NOT NULL DEFAULT 0,
  -- 1 when two different events with the same own predecessor are held (an equivocation).
  equivocated   INTEGER NOT NULL DEFAULT 0,
  UNIQUE (guild_id, origin)
) STRICT;

-- Every event held, as received. Nothing is ever updated here but `sequence`.
CREATE TABLE events (
  -- Order of arrival at this node. A parent always has a smaller stream than its children.
  stream     INTEGER PRIMARY KEY,
  event_id   TEXT NOT NULL UNIQUE,
  log_id     INTEGER NOT NULL REFERENCES logs (log_id),
  position   INTEGER NOT NULL,
  -- Guild id for law events, channel id for timeline events.
  room_id    TEXT NOT NULL,
  event_type TEXT NOT NULL,
  origin_ts  INTEGER NOT NULL,
  is_law     INTEGER NOT NULL,
  -- Why R(auth_events) refuses this timeline event; null when it is allowed. Fixed for ever: R is a pure function.
  refusal    TEXT,
  -- Place in the channel as clients of this node see it, from 1; null when it is not shown (projection, rebuildable).
  sequence   INTEGER,
  body       TEXT NOT NULL
) STRICT;
CREATE INDEX events_by_log ON events (log_id, position);
CREATE UNIQUE INDEX events_by_channel ON events (room_id, sequence) WHERE sequence IS NOT NULL;
CREATE INDEX events_law ON events (log_id, stream) WHERE is_law = 1;

-- Events with right bytes that cannot be placed yet. Bounded per guild and per peer. An event's id covers no signature, so
-- there may be copies of one event signed with different keys; only its place in the log tells the right one.
CREATE TABLE waiting_events (
  event_id    TEXT NOT NULL,
  key_id      TEXT NOT NULL,
  guild_id    TEXT NOT NULL,
  origin      TEXT NOT NULL,
  -- Peer id that sent it to us.
  from_peer   TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  body        TEXT NOT NULL,
  PRIMARY KEY (event_id, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_events_by_guild ON waiting_events (guild_id, received_at);
CREATE INDEX waiting_events_by_peer ON waiting_events (from_peer);

-- What a waiting event waits for: an event id, or `time:<origin_ts>`.
CREATE TABLE waiting_for (
  missing  TEXT NOT NULL,
  event_id TEXT NOT NULL,
  key_id   TEXT NOT NULL,
  PRIMARY KEY (missing, event_id, key_id),
  FOREIGN KEY (event_id, key_id) REFERENCES waiting_events (event_id, key_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX waiting_for_by_event ON waiting_for (event_id, key_id);

-- Nodes we know of: from invites, joins, discovery and the admin.
CREATE TABLE peers (
  peer_id        TEXT PRIMARY KEY,
  -- JSON array of multiaddrs, newest first: told by the node itself, in an invite or by the admin, or answered there.
  addresses      TEXT NOT NULL DEFAULT '[]',
  -- The same, from other nodes; never in place of those above.
  hinted         TEXT NOT NULL DEFAULT '[]',
  display_name   TEXT,
  blocked        INTEGER NOT NULL DEFAULT 0,
  -- 1 when the admin added it: dialled even without a shared guild.
  pinned         INTEGER NOT NULL DEFAULT 0,
  last_seen_at   INTEGER,
  last_synced_at INTEGER
) STRICT, WITHOUT ROWID;

-- Accounts whose home is this node.
CREATE TABLE users (
  user_id       TEXT PRIMARY KEY,
  username      TEXT NOT NULL UNIQUE,
  -- PHC string, Argon2id.
  password_hash TEXT NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Roles on this node itself (not in a guild): the first account is its owner.
CREATE TABLE server_roles (
  user_id    TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  role       TEXT NOT NULL,
  granted_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, role)
) STRICT, WITHOUT ROWID;

-- One signed-in device of a user; holds the one refresh token that works.
CREATE TABLE devices (
  user_id      TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  device_id    TEXT NOT NULL,
  session_id   TEXT NOT NULL,
  -- SHA-256 of the refresh token, hex; the token itself is never stored.
  refresh_hash TEXT NOT NULL UNIQUE,
  device_name  TEXT,
  user_agent   TEXT,
  ip_address   TEXT,
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL,
  PRIMARY KEY (user_id, device_id)
) STRICT, WITHOUT ROWID;

-- Refresh tokens already rotated away. Seeing one again means a copy exists: the device is signed out.
CREATE TABLE spent_refresh_tokens (
  refresh_hash TEXT PRIMARY KEY,
  user_id      TEXT NOT NULL,
  device_id    TEXT NOT NULL,
  expires_at   INTEGER NOT NULL,
  FOREIGN KEY (user_id, device_id) REFERENCES devices (user_id, device_id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX spent_refresh_tokens_by_device ON spent_refresh_tokens (user_id, device_id, expires_at);

-- Sessions that ended while access tokens of theirs were still out; kept until the last of those has expired.
CREATE TABLE ended_sessions (
  session_id TEXT PRIMARY KEY,
  until      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ended_sessions_by_until ON ended_sessions (until);

-- How far a local user has read a channel, in that channel's sequence.
CREATE TABLE read_markers (
  channel_id TEXT NOT NULL,
  user_id    TEXT NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
  sequence   INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, channel_id)
) STRICT, WITHOUT ROWID;

-- A client's own id for a message it sent, so that sending it again gives the same answer.
CREATE TABLE client_transactions (
  user_id    TEXT NOT NULL,
  txn_id     TEXT NOT NULL,
  event_id   TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, txn_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX client_transactions_by_age ON client_transactions (created_at);

-- Key packages this node gives out for MLS (contract 7), newest last. The private halves never leave this table.
CREATE TABLE mls_key_packages (
  package_id       INTEGER PRIMARY KEY,
  identity         TEXT NOT NULL,
  ciphersuite      TEXT NOT NULL,
  -- 32-byte seeds: Ed25519 for signing, X25519 for HPKE.
  signing_seed     BLOB NOT NULL,
  hpke_seed        BLOB NOT NULL,
  created_at       INTEGER NOT NULL
) STRICT;
CREATE INDEX mls_key_packages_by_identity ON mls_key_packages (identity, package_id);
