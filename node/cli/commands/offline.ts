import type { Command } from 'commander'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { createLogger } from '../../base/log-create.ts'
import { lockNode } from '../../config/data-dir.ts'
import { printConfig } from '../../config/describe.ts'
import { type OpenedIdentity, openIdentity } from '../../config/identity.ts'
import { encodeRecoveryPhrase } from '../../config/recovery-phrase.ts'
import { databasePath, loggerOptions } from '../../config/resolve.ts'
import { identityPath } from '../../config/secrets.ts'
import { publicKeyOfSeed } from '../../events/keys.ts'
import { peerIdOfPublicKey } from '../../events/peer-id.ts'
import { createSigner } from '../../events/sign.ts'
import { rebuildProjections } from '../../services/timeline/rebuild.ts'
import { exportEvents } from '../../storage/export.ts'
import { openNodeDatabase } from '../../storage/open.ts'
import { addConfigFlags, addDataDirFlag, configOf } from '../options.ts'
import { columns } from '../print.ts'

const PHRASE_WARNING =
  'Whoever has these words can be this node. Write them on paper and show them to nobody. They do not replace a backup: ' +
  'this version cannot start a node from them alone.'

/** Commands that read or mend files and need no running node. */
export function addOfflineCommands(program: Command): void {
  const keys = program.command('keys').description('the identity of this node')
  addDataDirFlag(keys.command('show'))
    .description('peer id and signing key ids; never a secret')
    .action(async (_options, command: Command) => console.log(await keysText(command)))
  addDataDirFlag(keys.command('phrase'))
    .description('the identity key as 24 words to write down; a secret')
    .action(async (_options, command: Command) => {
      const { seed } = await readIdentity(command)
      process.stderr.write(`${PHRASE_WARNING}\n`)
      console.log(encodeRecoveryPhrase(seed))
    })

  const config = program.command('config').description('the configuration')
  addConfigFlags(config.command('print'))
    .description('the merged result of all sources, where each value came from, secrets masked')
    .action((_options, command: Command) => console.log(printConfig(configOf(command))))

  addDataDirFlag(program.command('migrate'))
    .description('bring the database to the schema of this version, after a snapshot; `start` does the same')
    .option('--rebuild', 'also recompute everything that follows from the log')
    .action((options, command: Command) => migrate(command, options.rebuild === true))

  addDataDirFlag(program.command('export-events'))
    .description('all signed events as received, one JSON text a line, oldest first')
    .argument('[file]', 'standard output without it')
    .action((file: string | undefined, _options, command: Command) => exportTo(file, command))
}

/** Throws `IdentityError`, also when the identity is sealed and no passphrase is given. */
function readIdentity(command: Command): Promise<OpenedIdentity> {
  const { config, secrets } = configOf(command)
  return openIdentity({ path: identityPath(config.data_dir), passphrase: secrets.passphrase, create: undefined })
}

async function keysText(command: Command): Promise<string> {
  const identity = await readIdentity(command)
  return columns([
    ['peer id', peerIdOfPublicKey(publicKeyOfSeed(identity.seed))],
    ['at rest', identity.isSealed ? 'sealed with a passphrase' : 'NOT sealed: a file only its owner may read'],
    ...identity.signingKeys.map((key) => [
      'signing key',
      `ed25519:${createSigner(key.seed).keyId}  since ${new Date(key.createdAt).toISOString()}`,
    ]),
  ])
}

function migrate(command: Command, isRebuilding: boolean): void {
  const { config } = configOf(command)
  const path = databasePath(config)
  const lock = lockNode({ dataDir: config.data_dir, database: path })
  try {
    const log = createLogger(loggerOptions(config))
    const database = openNodeDatabase(path, { synchronous: 'full', maxBatch: 1, log })
    console.log(`The database ${database.path} is at the schema of this version.`)
    if (isRebuilding)
      console.log(`${rebuildProjections(database).length} rows differed from the log and were put right.`)
    database.close()
  } finally {
    lock.release()
  }
}

async function exportTo(file: string | undefined, command: Command): Promise<void> {
  const out = file === undefined ? process.stdout : createWriteStream(file, { mode: 0o600 })
  const lines = exportEvents(databasePath(configOf(command).config))
  let next = lines.next()
  for (; next.done !== true; next = lines.next()) {
    if (!out.write(`${next.value}\n`)) await once(out, 'drain')
  }
  const { exported, unreadable } = next.value
  const damage = unreadable === 0 ? '' : `; ${unreadable} places of the log are damaged and were passed over`
  process.stderr.write(`${exported} events${damage}\n`)
  if (out !== process.stdout) out.end()
}
