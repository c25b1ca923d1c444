import { writeSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { EventId, GuildId, ServerName } from '../../node/base/ids.ts'
import { silentLogger } from '../../node/base/log.ts'
import { DatabaseUnavailable } from '../../node/storage/database-fault.ts'
import { insertEvent, latestStream } from '../../node/storage/events.ts'
import { insertLog, listLogs } from '../../node/storage/logs.ts'
import { openNodeDatabase } from '../../node/storage/open.ts'

// Another process on a database, for `storage-faults.test.ts`. Says what it does line by line; pipes are written
// synchronously, so what was printed before a kill has reached the test.

const [mode, path = ''] = process.argv.slice(2)
const say = (line: string) => writeSync(1, `${line}\n`)
const open = () => openNodeDatabase(path, { synchronous: 'full', maxBatch: 64, log: silentLogger })

/** As many clients at once, each with one write under way. */
const CLIENTS = 16

/** Says whether the database can be opened, and closes it. */
function tryToOpen(): void {
  try {
    open().close()
    say('opened')
  } catch (error) {
    if (!(error instanceof DatabaseUnavailable)) throw error
    say(JSON.stringify({ fault: error.fault, message: error.message }))
  }
}

/** Writes events until it is killed, and says the id of each as soon as it is acknowledged. */
async function append(): Promise<void> {
  const db = open()
  say(db.lastStop)
  const known = db.read(listLogs)[0]?.logId
  const logId = known ?? db.writeNow((tx) => insertLog(tx, 'guild' as GuildId, 'origin' as ServerName))
  let next = db.read(latestStream)
  const write = async () => {
    for (;;) {
      next += 1
      const position = next
      const eventId = `$event-${position}` as EventId
      await db.write((tx) => insertEvent(tx, { ...EVENT, eventId, logId, position }))
      say(eventId)
    }
  }
  await Promise.all(Array.from({ length: CLIENTS }, write))
}

const EVENT = {
  roomId: 'channel',
  eventType: 'message',
  originTs: 0,
  isLaw: false,
  refusal: null,
  sequence: null,
  body: 'x'.repeat(700),
}

/** Keeps others from writing until its input ends. */
function hold(): void {
  const sqlite = new Sqlite(path)
  sqlite.exec('BEGIN IMMEDIATE')
  say('held')
  process.stdin.on('end', () => sqlite.close()).resume()
}

if (mode === 'open') tryToOpen()
else if (mode === 'append') await append()
else hold()
