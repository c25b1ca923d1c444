import { expect, test } from 'vitest'
import { createPasswords } from '../../../node/services/passwords.ts'

test('a hash is Argon2id with the parameters of the original, and salted', async () => {
  const passwords = createPasswords()

  const [first, second] = await Promise.all([passwords.hash('correct horse'), passwords.hash('correct horse')])

  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  expect(second).not.toBe(first)
})

test('the right password verifies; a wrong one and an unknown user do not', async () => {
  const passwords = createPasswords()
  const hash = await passwords.hash('correct horse')
  const check = (stored: string | undefined, password: string) => passwords.inTurn((verify) => verify(stored, password))

  expect(await check(hash, 'correct horse')).toBe(true)
  expect(await check(hash, 'wrong horse')).toBe(false)
  expect(await check(undefined, 'nobody has this password')).toBe(false)
})

test('two are at work at a time, in the order they came', async () => {
  const passwords = createPasswords()
  const gates = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
  const begun: number[] = []

  const all = gates.map((gate, index) =>
    passwords.inTurn(async () => {
      begun.push(index)
      await gate.promise
    }),
  )

  expect(begun).toEqual([0, 1])
  gates[1]?.resolve()
  await all[1]
  expect(begun).toEqual([0, 1, 2])
  for (const gate of gates) gate.resolve()
  await Promise.all(all)
  expect(begun).toEqual([0, 1, 2, 3])
})

test('work that fails makes room for the next', async () => {
  const passwords = createPasswords()
  const fail = () => passwords.inTurn(() => Promise.reject(new Error('no')))

  await Promise.allSettled([fail(), fail(), fail()])

  expect(await passwords.inTurn(() => Promise.resolve('done'))).toBe('done')
})

test('a flood is turned away instead of queued without end', async () => {
  const passwords = createPasswords()
  const gate = Promise.withResolvers<void>()
  const queued = Array.from({ length: 2 + 256 }, () => passwords.inTurn(() => gate.promise))

  await expect(passwords.hash('one too many')).rejects.toMatchObject({ code: 'rate_limited', retryAfterSecs: 2 })
  gate.resolve()
  await Promise.all(queued)
})
