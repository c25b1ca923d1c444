import type { ReadTx, WriteTx } from './database.ts'

export interface KeyPackageRow {
  identity: string
  ciphersuite: string
  /** Ed25519, 32 bytes. */
  signingSeed: Uint8Array
  /** X25519, 32 bytes. */
  hpkeSeed: Uint8Array
  createdAt: number
}

interface RawKeyPackageRow {
  identity: string
  ciphersuite: string
  signing_seed: Uint8Array
  hpke_seed: Uint8Array
  created_at: number
}

/** The newest package of an identity. */
export function findKeyPackage(tx: ReadTx, identity: string): KeyPackageRow | undefined {
  const row = tx.get<RawKeyPackageRow>(
    'SELECT * FROM mls_key_packages WHERE identity = ? ORDER BY package_id DESC LIMIT 1',
    identity,
  )
  return (
    row && {
      identity: row.identity,
      ciphersuite: row.ciphersuite,
      signingSeed: row.signing_seed,
      hpkeSeed: row.hpke_seed,
      createdAt: row.created_at,
    }
  )
}

export function insertKeyPackage(tx: WriteTx, row: KeyPackageRow): void {
  tx.run(
    `INSERT INTO mls_key_packages (identity, ciphersuite, signing_seed, hpke_seed, created_at) VALUES (?, ?, ?, ?, ?)`,
    row.identity,
    row.ciphersuite,
    row.signingSeed,
    row.hpkeSeed,
    row.createdAt,
  )
}
