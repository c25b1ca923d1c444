import { silentLogger } from '../../node/base/log.ts'
import { parseConfig } from '../../node/config/parse.ts'
import { createNode } from '../../node/index.ts'

export interface WholeNode extends AsyncDisposable {
  /** Base URL of the API; another one after each start. */
  address(): string
  readonly adminToken: string
  /** Stops it and starts another on the same data. */
  restart(): Promise<void>
}

/** A whole node in this process on a free port, without peers, in a directory of the test's. */
export async function startNode(dataDir: string, settings: Record<string, unknown> = {}): Promise<WholeNode> {
  const { config, secrets } = parseConfig({
    data_dir: dataDir,
    bind_addr: '127.0.0.1:0',
    p2p: { enabled: false },
    log_file: { enabled: false },
    ...settings,
  })

  async function start() {
    const node = await createNode({ config, secrets, log: silentLogger })
    await node.start()
    return node
  }

  let node = await start()
  return {
    address: () => node.apiAddress,
    get adminToken() {
      return node.adminToken
    },
    async restart() {
      await node.stop()
      node = await start()
    },
    [Symbol.asyncDispose]: async () => void (await node.stop()),
  }
}
