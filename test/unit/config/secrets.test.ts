import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ConfiguredSecrets } from '../../../node/config/schema.ts'
import { adminTokenPath, openSecrets, sessionKeyPath } from '../../../node/config/secrets.ts'

let dataDir: string

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'openguild-secrets-'))
})
afterEach(() => rmSync(dataDir, { recursive: true }))

function open(configured: Partial<ConfiguredSecrets> = {}) {
  const none = { sessionSigningKey: undefined, adminToken: undefined, passphrase: undefined }
  return openSecrets({ dataDir, configured: { ...none, ...configured }, mayCreateIdentity: true, now: 1000 })
}

it('what is missing is made at the first start and survives a restart', async () => {
  const first = await open()

  expect(await open()).toEqual(first)
  expect(first.adminToken).toMatch(/^[\w-]{43}$/)
  expect(first.sessionSigningSeed).toHaveLength(32)
  expect(readdirSync(dataDir).sort()).toEqual(['admin-token', 'identity.json', 'session-key'])
})

it.skipIf(process.platform === 'win32')('every file is for its owner only', async () => {
  await open()

  for (const name of readdirSync(dataDir)) expect(statSync(join(dataDir, name)).mode & 0o777).toBe(0o600)
})

it('what is configured wins and is not written down', async () => {
  const sessionSigningKey = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8'

  const secrets = await open({ sessionSigningKey, adminToken: 'x'.repeat(32) })

  expect(secrets.adminToken).toBe('x'.repeat(32))
  expect(secrets.sessionSigningSeed).toEqual(Uint8Array.from({ length: 32 }, (_, at) => at))
  expect(readdirSync(dataDir)).toEqual(['identity.json'])
})

it.each([
  ['admin token', adminTokenPath],
  ['session key', sessionKeyPath],
])('a damaged %s is named and not silently replaced', async (_, pathOf) => {
  await open()
  writeFileSync(pathOf(dataDir), 'short')

  await expect(open()).rejects.toThrow(`${pathOf(dataDir)} is damaged. Delete it`)
  expect(readFileSync(pathOf(dataDir), 'utf8')).toBe('short')
})
