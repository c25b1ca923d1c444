import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { agreed, untilAnswer } from '../kit/agreement.ts'
import { type Client, signUp } from '../kit/client.ts'
import { createMachines, type Machines } from '../kit/machines.ts'
import { startNode } from '../kit/node.ts'
import type { ProcessNode } from '../kit/process-node.ts'
import { tempDir } from '../kit/temp-dir.ts'
import { audit } from './audit.ts'
import { INSTALL_MS } from './chromium.ts'
import { launchBrowser, NARROW, picturePath, visit, WIDE } from './visitor.ts'

const SCREENS = ['Overview', 'Guilds', 'Peers', 'People'] as const

describe.each(['light', 'dark'] as const)('the dashboard, %s', (colorScheme) => {
  let browser: Browser
  let machines: Machines
  let a: ProcessNode

  beforeAll(async () => {
    browser = await launchBrowser()
    machines = createMachines()
    a = await fullNode(machines)
  }, INSTALL_MS)

  afterAll(async () => {
    await browser.close()
    await machines[Symbol.asyncDispose]()
  })

  it.each([
    ['wide', WIDE],
    ['narrow', NARROW],
  ] as const)('is readable, labelled and within its bounds when %s', async (name, width) => {
    await using visitor = await visit(browser, { address: a.address(), width, colorScheme })
    const { page } = visitor
    const look = async (what: string) => {
      await page.screenshot({
        path: picturePath(`${what}-${colorScheme}-${name}`),
        fullPage: (await page.getByRole('dialog').count()) === 0,
      })
      return audit(page)
    }

    const found = { gate: await look('gate') }
    await visitor.unlock(readFileSync(join(a.dataDir, 'admin-token'), 'utf8').trim())
    const screens: Record<string, string[]> = {}
    for (const screen of SCREENS) {
      await visitor.goTo(screen)
      await page.getByRole('heading', { level: 1 }).waitFor()
      screens[screen] = await look(screen.toLowerCase())
    }
    await visitor.goTo('Guilds')
    await page.getByRole('button', { name: 'Invite' }).first().click()
    screens['invite'] = await look('invite')
    await page.getByRole('button', { name: 'Make link' }).click()
    await page.getByRole('textbox', { name: 'Link' }).waitFor()
    screens['link'] = await look('link')

    expect({ ...found, ...screens }).toEqual(
      Object.fromEntries(['gate', ...SCREENS, 'invite', 'link'].map((what) => [what, []])),
    )
    expect(visitor.complaints).toEqual([])
  })
})

describe('what tests see of a page', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  }, INSTALL_MS)
  afterAll(() => browser.close())

  it('is every fault that is planted', async () => {
    await using node = await startNode(tempDir().path)
    await using visitor = await visit(browser, { address: node.address() })
    const { page } = visitor
    await page.getByLabel('Admin token').waitFor()

    await page.evaluate(PLANTED)

    expect(await audit(page)).toEqual([
      expect.stringMatching(/^contrast 1\.\d\d of <p> "pale"/),
      expect.stringMatching(/^no name for <button/),
      expect.stringMatching(/^target of 10 × 10/),
      expect.stringMatching(/^no name for <input id="nameless"/),
      'two of id twin',
      expect.stringMatching(/^no alt/),
      'not one h1, first',
      expect.stringMatching(/px wider than the window$/),
      expect.stringMatching(/^beyond the window: <p> "wide"/),
    ])
    expect(visitor.complaints).toEqual([expect.stringContaining('Content Security Policy')])
  })
})

/** Styles are set one by one, which the policy allows; the attribute in the markup is what it must refuse. */
const PLANTED = `{
  const main = document.querySelector('main')
  main.insertAdjacentHTML('beforeend', \`
    <p id="pale">pale</p><p id="twin"></p><p id="twin"></p><h1>second</h1><p id="wide">wide</p>
    <button id="small"></button><input id="nameless"><img src="mark.svg"><p style="color: red"></p>\`)
  Object.assign(document.querySelector('#pale').style, { color: '#eee', background: '#fff' })
  Object.assign(document.querySelector('#wide').style, { position: 'absolute', width: '200vw' })
  Object.assign(document.querySelector('#small').style, { width: '10px', height: '10px', padding: 0 })
  Object.assign(document.querySelector('#nameless').style, { height: '30px' })
  document.querySelector('img[src]:not([alt])').style.width = '20px'
}`

/** A node in the middle of its life: two guilds, two accounts, a connected peer and a blocked one. */
async function fullNode(machines: Machines): Promise<ProcessNode> {
  const [a, b] = await Promise.all([machines.start('a'), machines.start('b')])
  const [alice, bob] = [await signUp(a.address, 'alice'), await signUp(b.address, 'bob')]
  await signUp(a.address, 'carol')
  const harbour = await guildWith(alice, 'Harbour', ['general', 'boats', 'weather'])
  await guildWith(alice, 'A guild with a name as long as names may well be, and then some', ['general'])
  await bob.join((await alice.invite(harbour)).link)
  await agreed([a, b], harbour)
  await a.openguild('peer', 'block', '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp')
  await untilAnswer(a.status, ({ peers }) => peers.some((peer) => peer.guilds.length > 0))
  return a
}

async function guildWith(owner: Client, name: string, channels: readonly string[]): Promise<string> {
  const { guild_id: guildId } = await owner.createGuild(name)
  for (const channel of channels) {
    const { channel_id: channelId } = await owner.createChannel(guildId, channel)
    await owner.post(channelId, `The first word in ${channel}`)
  }
  return guildId
}
