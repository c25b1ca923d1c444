import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type NodeStatusBody, nodeStatusSchema } from '../../node/api/admin/shapes.ts'
import { untilAnswer } from '../kit/agreement.ts'
import { signUp } from '../kit/client.ts'
import { createMachines, type Machines } from '../kit/machines.ts'
import type { ProcessNode } from '../kit/process-node.ts'
import { audit } from './audit.ts'
import { INSTALL_MS } from './chromium.ts'
import { launchBrowser, picturePath, visit, type Visitor } from './visitor.ts'

describe('the dashboard of a running node', () => {
  let browser: Browser
  let machines: Machines
  let a: ProcessNode
  let b: ProcessNode

  beforeAll(async () => {
    browser = await launchBrowser()
    machines = createMachines()
    ;[a, b] = await Promise.all([
      machines.start('a', { flags: ['--bind-addr', `127.0.0.1:${await freePort()}`] }),
      machines.start('b', { settings: { server_name: 'bobs-laptop' } }),
    ])
  }, INSTALL_MS)

  afterAll(async () => {
    await browser.close()
    await machines[Symbol.asyncDispose]()
  })

  const atTheDoor = (node: ProcessNode) => visit(browser, { address: node.address() })

  async function inside(node: ProcessNode): Promise<Visitor> {
    const visitor = await atTheDoor(node)
    await visitor.unlock(tokenOf(node))
    await visitor.page.getByRole('navigation').waitFor()
    return visitor
  }

  it('tells that a token is wrong, and keeps nothing of it', async () => {
    await using visitor = await atTheDoor(a)

    await visitor.unlock('x'.repeat(43))

    await visitor.page.getByRole('alert').getByText('This is not the admin token of this node.').waitFor()
    expect(await visitor.page.evaluate('sessionStorage.length + localStorage.length')).toBe(0)
    expect(visitor.complaints).toEqual([])
  })

  it('opens with the admin token, stays open over a reload and forgets it when locked', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await page.getByText((await a.status()).peer_id).waitFor()

    await page.reload()
    await page.getByText((await a.status()).peer_id).waitFor()
    expect(await page.evaluate('localStorage.length + document.cookie.length')).toBe(0)
    await page.getByRole('button', { name: 'Lock' }).click()

    await page.getByLabel('Admin token').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
    expect(visitor.complaints).toEqual([])
  })

  it('says what to do first on an empty node, and lets the first account be added', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await page.getByRole('heading', { name: 'Running, and waiting for its first guild.' }).waitFor()
    await page.screenshot({ path: picturePath('first-steps'), fullPage: true })
    expect(await audit(page)).toEqual([])

    await page.getByRole('button', { name: 'Add account' }).click()
    await page.getByLabel('Username').fill('admin')
    await page.getByLabel('Password').fill('short')
    await page.getByRole('dialog').getByRole('button', { name: 'Add account' }).click()
    await page.getByRole('dialog').getByRole('alert').getByText('password').waitFor()
    await page.getByLabel('Password').fill('battery staple')
    await page.getByRole('dialog').getByRole('button', { name: 'Add account' }).click()

    await page.getByRole('status').getByText('Account admin added').waitFor()
    await visitor.goTo('People')
    await page.getByRole('row', { name: 'admin' }).getByRole('cell', { name: 'owner' }).waitFor()
    expect(visitor.complaints).toEqual([])
  })

  it('copies the whole peer id', async () => {
    await using visitor = await inside(a)

    await visitor.page.getByRole('button', { name: 'Copy peer id' }).click()

    await visitor.page.getByRole('status').getByText('peer id copied').waitFor()
    expect(await visitor.page.evaluate('navigator.clipboard.readText()')).toBe((await a.status()).peer_id)
  })

  it('shows a new guild and its messages by itself, and an invite made here joins on another node', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await visitor.goTo('Guilds')
    await page.getByRole('heading', { name: 'No guild on this node yet' }).waitFor()

    const alice = await signUp(a.address, 'alice')
    const { guild_id: guildId } = await alice.createGuild('Harbour')
    const { channel_id: channelId } = await alice.createChannel(guildId, 'general')
    await alice.post(channelId, 'one')
    await alice.post(channelId, 'two')
    await page.getByRole('region', { name: 'Harbour' }).getByRole('cell', { name: '2', exact: true }).waitFor()

    await page.getByRole('button', { name: 'Invite somebody to Harbour' }).click()
    await page.getByLabel('Most joins').fill('1')
    await page.getByLabel('Invite as').selectOption('alice')
    await page.getByRole('button', { name: 'Make link' }).click()
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue()
    await page.getByRole('button', { name: 'Done' }).click()

    await using atB = await joinAt(b, link)
    await atB.page.getByRole('region', { name: 'Harbour' }).getByText('complete').first().waitFor()
    await visitor.goTo('Peers')
    await page.getByRole('row', { name: 'bobs-laptop' }).getByText('connected').waitFor()
    expect([visitor.complaints, atB.complaints]).toEqual([[], []])
  })

  async function joinAt(node: ProcessNode, link: string): Promise<Visitor> {
    await signUp(node.address, 'bob')
    const visitor = await inside(node)
    await visitor.page.getByRole('button', { name: 'Join with a link' }).click()
    await visitor.page.getByLabel('Invite link').fill(link)
    await visitor.page.getByRole('dialog').getByRole('button', { name: 'Join' }).click()
    await visitor.page.getByRole('status').getByText('Joined Harbour').waitFor()
    return visitor
  }

  it('refuses what is no link in words, and Escape leads back to where one was', async () => {
    await using visitor = await inside(b)
    const { page } = visitor
    await visitor.goTo('Guilds')
    await page.getByRole('button', { name: 'Join with a link' }).click()

    await page.getByLabel('Invite link').fill('openguild://join/nothing')
    await page.getByRole('dialog').getByRole('button', { name: 'Join' }).click()

    await page
      .getByRole('dialog')
      .getByRole('alert')
      .getByText('This link is damaged: copy the whole link again.')
      .waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Join with a link')
  })

  it('blocks a peer after asking, and lets it in again', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await visitor.goTo('Peers')
    const row = page.getByRole('row', { name: 'bobs-laptop' })

    await row.getByRole('button', { name: 'Block bobs-laptop' }).click()
    await page.screenshot({ path: picturePath('block') })
    expect(await audit(page)).toEqual([])
    expect((await a.status()).peers.some((peer) => peer.blocked)).toBe(false)
    await page.getByRole('dialog').getByRole('button', { name: 'Block' }).click()

    await row.getByText('blocked').waitFor()
    await untilAnswer(a.status, ({ peers }) => peers.some((peer) => peer.blocked && !peer.connected))
    await row.getByRole('button', { name: 'Unblock bobs-laptop' }).click()
    await row.getByText('connected').waitFor()
    expect(visitor.complaints).toEqual([])
  })

  it('adds a peer by its address and forgets it', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await visitor.goTo('Peers')
    await page.getByRole('button', { name: 'Add peer' }).click()

    await page.getByLabel('Address').fill('127.0.0.1')
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').getByRole('alert').getByText('must be a multiaddr').waitFor()
    await page.getByLabel('Address').fill(`/ip4/127.0.0.1/tcp/9/p2p/${STRANGER}`)
    await page.keyboard.press('Enter')
    const row = page.getByRole('row', { name: '12D3…vnc6iDEp' })
    await row.getByText('away').waitFor()
    await row.getByRole('button', { name: 'Forget' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Forget' }).click()

    await row.waitFor({ state: 'detached' })
    expect(visitor.complaints).toEqual([])
  })

  it('is used by keyboard alone', async () => {
    await using visitor = await inside(a)
    const { page } = visitor

    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).toBe('solid')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Guilds' }).waitFor()

    expect(await page.evaluate('document.activeElement.id')).toBe('main')
  })

  it('keeps what is typed while the figures change under it', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await visitor.goTo('Peers')
    await page.getByRole('button', { name: 'Add peer' }).click()
    await page.getByLabel('Address').pressSequentially('/ip4/127')

    const seen = page.waitForResponse((response) => response.url().endsWith('/status'))
    await seen
    await page.waitForResponse((response) => response.url().endsWith('/status'))
    await page.keyboard.type('.0.0.1')

    expect(await page.getByLabel('Address').inputValue()).toBe('/ip4/127.0.0.1')
  })

  it('raises an alarm when states have diverged, and says what is missing and who has it', async () => {
    await using visitor = await atTheDoor(a)
    const { page } = visitor
    // No honest node gets here, so its word is changed on the way.
    await page.route('**/admin/v1/status', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, json: troubled(nodeStatusSchema.parse(await response.json())) })
    })
    await visitor.unlock(tokenOf(a))

    await page.getByRole('alert').getByText('Harbour has diverged: bobs-laptop holds').waitFor()
    await page.getByRole('heading', { name: '2 things need your attention.' }).waitFor()
    await page.getByText('Harbour: 7 events missing, held by bobs-laptop.').waitFor()
    await page.screenshot({ path: picturePath('alarm'), fullPage: true })
    expect(await audit(page)).toEqual([])
    await visitor.goTo('Guilds')
    await page.getByRole('region', { name: 'Harbour' }).getByText('7 events missing, held by bobs-laptop').waitFor()
    await page.screenshot({ path: picturePath('alarm-guilds'), fullPage: true })
    expect(await audit(page)).toEqual([])
    expect(visitor.complaints).toEqual([])
  })

  it('says so when the node is gone, lets nothing be pressed, and goes on when it is back', async () => {
    await using visitor = await inside(a)
    const { page } = visitor
    await visitor.goTo('Guilds')
    await page.getByRole('region', { name: 'Harbour' }).waitFor()

    await a.kill9()
    await page.getByRole('status').getByText('The node does not answer.').waitFor()
    await page.screenshot({ path: picturePath('lost'), fullPage: true })
    expect(await audit(page)).toEqual([])
    expect(await page.getByRole('button', { name: 'Invite somebody to Harbour' }).isDisabled()).toBe(true)
    expect(await page.title()).toMatch(/^Not reachable/)
    await a.start()

    await page.getByText('Live').waitFor()
    await page.getByText('The node does not answer.').waitFor({ state: 'detached' })
    expect(await page.getByRole('button', { name: 'Invite somebody to Harbour' }).isEnabled()).toBe(true)
    expect(visitor.complaints).toEqual([])
  })
})

/** The same node in trouble with each of its guilds. */
function troubled(status: NodeStatusBody): NodeStatusBody {
  const others = status.peers.filter((peer) => peer.name !== undefined).map((peer) => peer.peer_id)
  return {
    ...status,
    parts: [...status.parts, { name: 'disk', status: 'degraded', details: '300 MB left' }],
    guilds: status.guilds.map((guild) => ({
      ...guild,
      complete: false,
      lacking: 7,
      held_by: others,
      diverged: others,
      equivocated: others,
      channels: guild.channels.map((channel) => ({ ...channel, complete: false })),
    })),
  }
}

const STRANGER = '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp'

const tokenOf = (node: ProcessNode): string => readFileSync(join(node.dataDir, 'admin-token'), 'utf8').trim()

/** A page that waits for its node expects it at the same address, so this one may not choose its port anew. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('No port was given')
  return address.port
}
