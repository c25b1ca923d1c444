import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const launcher = fileURLToPath(new URL('../../../node/openguild.mjs', import.meta.url))

function launch(version: string) {
  const pretence = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const args = ['--import', `data:text/javascript,${encodeURIComponent(pretence)}`, launcher, '--help']
  return spawnSync(process.execPath, args, { encoding: 'utf8' })
}

it.each(['18.20.0', '20.20.2', '23.11.0'])('Node %s is turned away with what to do', (version) => {
  const { status, stderr } = launch(version)

  expect(status).toBe(1)
  expect(stderr).toContain(`OpenGuild needs Node 24 or newer; this is Node ${version}`)
  expect(stderr).toContain('npm start')
})

it('Node 24 is let in', () => {
  expect(launch('24.0.0').status).toBe(0)
})
