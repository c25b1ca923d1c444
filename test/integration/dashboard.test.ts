import { expect, it } from 'vitest'
import { createMachines } from '../kit/machines.ts'
import { startNode } from '../kit/node.ts'
import { tempDir } from '../kit/temp-dir.ts'

it('the dashboard is where the node says, and serving it prints nothing', async () => {
  await using machines = createMachines()
  const node = await machines.start('a')
  const named = /^dashboard +(\S+)$/m.exec(node.output())?.[1]
  const before = node.output()

  const page = await fetch(named ?? '')
  const script = await fetch(new URL('main.ts', named))

  expect([page.status, script.status]).toEqual([200, 200])
  await node.stop()
  expect(node.output().slice(before.length)).not.toMatch(/warning/i)
})

it('its files are not part of the described API, and its own calls are', async () => {
  await using node = await startNode(tempDir().path)

  const { paths } = (await (await fetch(`${node.address()}/openapi.json`)).json()) as { paths: object }

  const admin = Object.keys(paths).filter((path) => path.startsWith('/admin'))
  expect(admin).toContain('/admin/v1/status')
  expect(admin.filter((path) => !path.startsWith('/admin/v1/'))).toEqual([])
})

it('the page of this node may call its admin API, a page of another may not', async () => {
  await using node = await startNode(tempDir().path)
  const call = (origin: string) =>
    fetch(`${node.address()}/admin/v1/status`, { headers: { authorization: `Bearer ${node.adminToken}`, origin } })

  expect((await call(node.address())).status).toBe(200)
  expect((await call('http://127.0.0.1:1')).status).toBe(403)
  expect((await call('null')).status).toBe(403)
})
