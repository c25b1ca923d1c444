import type { ReadTx, WriteTx } from './database.ts'

/** Facts about this database file itself; one owner per key. */
export function findMeta(tx: ReadTx, key: string): string | undefined {
  return tx.get<{ value: string }>('SELECT value FROM meta WHERE key = ?', key)?.value
}

export function upsertMeta(tx: WriteTx, key: string, value: string): void {
  tx.run(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    key,
    value,
  )
}

export function deleteMeta(tx: WriteTx, key: string): void {
  tx.run('DELETE FROM meta WHERE key = ?', key)
}
