import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { describeConfig, printConfig, renderConfigTable } from '../../../node/config/describe.ts'
import { loadConfig } from '../../../node/config/load.ts'

const KEY = 'A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg'

describe('config print', () => {
  const loaded = loadConfig({
    env: { OPENGUILD_SERVER__SESSION__SIGNING_KEY: KEY, OPENGUILD_PASSPHRASE: 'open sesame' },
    flags: { port: '81', data_dir: '/data' },
  })

  it('shows each value and where it came from', () => {
    expect(describeConfig(loaded)).toEqual(
      expect.arrayContaining([
        { path: 'port', value: 81, source: '--port' },
        { path: 'host', value: '127.0.0.1', source: 'default' },
        { path: 'cors.allowed_origins', value: [], source: 'default' },
        { path: 'bind_addr', value: undefined, source: 'default' },
      ]),
    )
  })

  it('masks secrets and tells that they are set', () => {
    const text = printConfig(loaded)

    expect(text).toMatch(/^session\.signing_key = "\*{8}" +# OPENGUILD_SERVER__SESSION__SIGNING_KEY$/m)
    expect(text).toMatch(/^admin\.token = \(unset\) +# default$/m)
    expect(text).not.toMatch(new RegExp(`${KEY}|sesame`))
  })
})

describe('the setup guide', () => {
  it('lists every key as the schema has it (renew with `npm run docs:config`)', () => {
    const guide = readFileSync(new URL('../../../docs/SETUP.md', import.meta.url), 'utf8')
    const [, keys = ''] = guide.split('<!-- config keys')

    expect(tableRows(keys.split('<!-- end of config keys')[0] ?? '')).toEqual(tableRows(renderConfigTable()))
  })
})

/** Without the padding prettier adds to columns. */
function tableRows(markdown: string): string[][] {
  const rows = markdown.split('\n').filter((line) => line.startsWith('| `'))
  return rows.map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
}
