import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parseConfig } from '../../node/config/parse.ts'
import { createNode } from '../../node/index.ts'
import { silentLogger } from '../../node/base/log.ts'
import { tempDir } from '../kit/temp-dir.ts'

test('an identity whose database is missing does not start a second history', async () => {
  const dir = tempDir()
  const options = {
    ...parseConfig({ data_dir: dir.path, bind_addr: '127.0.0.1:0', p2p: { enabled: false } }),
    log: silentLogger,
  }
  const node = await createNode(options)
  await node.start()
  await node.stop()
  rmSync(join(dir.path, 'openguild.db'))

  await expect(createNode(options)).rejects.toThrow(/its database .* is missing\. Restore it from a backup/)
})
