import type { ServerName } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** A key statement as received; its signature was checked before it was stored. */
export interface KeyStatementRow {
  peerId: ServerName
  sequence: number
  /** JSON text. */
  body: string
}

interface RawKeyStatementRow {
  peer_id: string
  sequence: number
  body: string
}

/** All statements, those of one peer in ascending sequence. */
export function listKeyStatements(tx: ReadTx): KeyStatementRow[] {
  return tx
    .all<RawKeyStatementRow>('SELECT peer_id, sequence, body FROM key_statements ORDER BY peer_id, sequence')
    .map((row) => ({ peerId: row.peer_id as ServerName, sequence: row.sequence, body: row.body }))
}

/** Two statements with one sequence are both kept: events may be signed with the keys of either. */
export function insertKeyStatement(tx: WriteTx, { peerId, sequence, body }: KeyStatementRow): void {
  tx.run('INSERT OR IGNORE INTO key_statements (peer_id, sequence, body) VALUES (?, ?, ?)', peerId, sequence, body)
}
