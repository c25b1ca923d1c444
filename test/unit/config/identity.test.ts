import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createIdentity, openIdentity, saveIdentity } from '../../../node/config/identity.ts'

let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'openguild-identity-'))
  path = join(directory, 'identity.json')
})
afterEach(() => rmSync(directory, { recursive: true }))

const create = () => createIdentity(1000)
const open = (passphrase?: string) => openIdentity({ path, passphrase, create })
const mode = () => statSync(path).mode & 0o777

describe('the identity', () => {
  it('is made once and the same ever after', async () => {
    const first = await open()

    expect(await open()).toEqual(first)
    expect(first.seed).toHaveLength(32)
    expect(first.signingKeys).toMatchObject([{ createdAt: 1000 }])
    expect(readdirSync(directory)).toEqual(['identity.json'])
  })

  it.skipIf(process.platform === 'win32')(
    'is readable for its owner only, also after somebody opened it up',
    async () => {
      await open()
      expect(mode()).toBe(0o600)

      chmodSync(path, 0o644)
      await open()

      expect(mode()).toBe(0o600)
    },
  )

  it('keeps all signing keys in their order', async () => {
    const identity = create()
    const rotated = { ...identity, signingKeys: [...identity.signingKeys, ...createIdentity(2000).signingKeys] }

    await saveIdentity(path, rotated, undefined)

    expect(await open()).toEqual({ ...rotated, isSealed: false })
  })

  it('that is missing where it has to be stops the start', async () => {
    const opening = openIdentity({ path, passphrase: undefined, create: undefined })

    await expect(opening).rejects.toMatchObject({ fault: 'missing', message: expect.stringContaining('backup') })
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('a passphrase', () => {
  it('seals the identity: no key is left in the file, and it opens with the same passphrase', async () => {
    const made = await open('open sesame')

    const text = readFileSync(path, 'utf8')
    expect(text).not.toContain(Buffer.from(made.seed).toString('base64url'))
    expect(made.isSealed).toBe(true)
    expect(await open('open sesame')).toEqual(made)
  })

  it('seals an identity that was open before', async () => {
    const before = await open()

    const sealed = await open('open sesame')

    expect(sealed).toEqual({ ...before, isSealed: true })
    expect(readFileSync(path, 'utf8')).not.toContain(Buffer.from(before.seed).toString('base64url'))
  })

  it('means the same however its letters were composed', async () => {
    const made = await open('Käse'.normalize('NFC'))

    expect(await open('Käse'.normalize('NFD'))).toEqual(made)
  })

  it('that is wrong is named and changes nothing', async () => {
    await open('open sesame')
    const before = readFileSync(path, 'utf8')

    await expect(open('open barley')).rejects.toMatchObject({ name: 'IdentityError', fault: 'passphrase_wrong' })

    expect(readFileSync(path, 'utf8')).toBe(before)
  })

  it('that is missing is asked for', async () => {
    await open('open sesame')

    await expect(open()).rejects.toMatchObject({
      fault: 'passphrase_needed',
      message: expect.stringContaining('OPENGUILD_PASSPHRASE'),
    })
  })
})

describe('a damaged file', () => {
  it.each([
    ['empty', ''],
    ['cut off', '{"version":1,"kind":"open","iden'],
    ['of another version', '{"version":2,"kind":"open","identity":{}}'],
    ['without keys', '{"version":1,"kind":"open","identity":{"seed":"sesame","signing_keys":[]}}'],
  ])('%s is named, without its values, and not replaced', async (_, content) => {
    writeFileSync(path, content)

    await expect(open()).rejects.toMatchObject({ fault: 'damaged', message: expect.not.stringContaining('sesame') })

    expect(readFileSync(path, 'utf8')).toBe(content)
  })

  it('with a changed box does not open', async () => {
    await open('open sesame')
    const file = JSON.parse(readFileSync(path, 'utf8')) as { identity: { box: string } }
    file.identity.box = `${file.identity.box[0] === 'A' ? 'B' : 'A'}${file.identity.box.slice(1)}`
    writeFileSync(path, JSON.stringify(file))

    await expect(open('open sesame')).rejects.toMatchObject({ fault: 'passphrase_wrong' })
  })

  it('that asks for absurd amounts of memory is refused before any is taken', async () => {
    await open('open sesame')
    const file = JSON.parse(readFileSync(path, 'utf8')) as { identity: { memory_kib: number } }
    file.identity.memory_kib = 2 ** 31
    writeFileSync(path, JSON.stringify(file))

    await expect(open('open sesame')).rejects.toMatchObject({ fault: 'damaged' })
  })
})
