import { Command } from 'commander'
import { expect, it } from 'vitest'
import { CONFIG_FLAGS, toFlagValues } from '../../../node/config/flags.ts'
import { loadConfig } from '../../../node/config/load.ts'

const KEY = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'

function parse(...args: string[]) {
  const command = new Command().exitOverride()
  for (const { flag, description, repeatable } of CONFIG_FLAGS) {
    if (repeatable) command.option(flag, description, (value: string, before: string[] = []) => [...before, value])
    else command.option(flag, description)
  }
  return toFlagValues(command.parse(args, { from: 'user' }).opts())
}

it('every flag of the contract is there', () => {
  const names = CONFIG_FLAGS.map(({ flag }) => flag.split(' ')[0])

  expect(names).toEqual(
    expect.arrayContaining([
      '--bind-addr',
      '--host',
      '--port',
      '--server-name',
      '--log-format',
      '--metrics-enabled',
      '--metrics-bind-addr',
      '--messaging-max-messages-per-user-per-window',
      '--messaging-max-messages-per-ip-per-window',
      '--messaging-rate-limit-window-secs',
      '--database-url',
      '--session-signing-key',
      '--session-fallback-verifying-key',
    ]),
  )
})

it('flags parsed by commander reach their keys', () => {
  const flags = parse(
    '--port',
    '8081',
    '--metrics-enabled',
    'true',
    '--metrics-bind-addr',
    '127.0.0.1:0',
    '--p2p-lan',
    'no',
  )

  const { config } = loadConfig({ env: {}, flags })

  expect(config).toMatchObject({
    port: 8081,
    metrics: { enabled: true, bind_addr: '127.0.0.1:0' },
    p2p: { lan: false },
  })
})

it('a repeated flag makes a list', () => {
  const flags = parse('--session-fallback-verifying-key', KEY, '--session-fallback-verifying-key', KEY)

  expect(loadConfig({ env: {}, flags }).config.session.fallback_verifying_keys).toEqual([KEY, KEY])
})

it('options that are not configuration are left to the command', () => {
  expect(toFlagValues({ headless: true, host: '::1', link: 'x' })).toEqual({ host: '::1' })
})
