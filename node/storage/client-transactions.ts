import type { EventId } from '../base/ids.ts'
import type { ReadTx, WriteTx } from './database.ts'

/** The event an earlier request with the same client id made. */
export function findClientTransaction(tx: ReadTx, userId: string, txnId: string): EventId | undefined {
  const row = tx.get<{ event_id: string }>(
    'SELECT event_id FROM client_transactions WHERE user_id = ? AND txn_id = ?',
    userId,
    txnId,
  )
  return row?.event_id as EventId | undefined
}

export function insertClientTransaction(
  tx: WriteTx,
  transaction: { userId: string; txnId: string; eventId: EventId; createdAt: number },
): void {
  tx.run(
    'INSERT INTO client_transactions (user_id, txn_id, event_id, created_at) VALUES (?, ?, ?, ?)',
    transaction.userId,
    transaction.txnId,
    transaction.eventId,
    transaction.createdAt,
  )
}

export function deleteClientTransactionsBefore(tx: WriteTx, createdAt: number): void {
  tx.run('DELETE FROM client_transactions WHERE created_at < ?', createdAt)
}
