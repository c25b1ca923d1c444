import { createSocket } from 'node:dgram'
import { randomUUID } from 'node:crypto'

const GROUP = '224.0.0.251'
/** Not mDNS's own: what is asked is whether the network carries multicast, and nobody else should hear it. */
const PORT = 53_531
const PATIENCE_MS = 1_000

/** Whether a multicast datagram of this computer comes back to it, as mDNS needs. */
export async function carriesMulticast(): Promise<boolean> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true })
  const word = randomUUID()
  try {
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), PATIENCE_MS)
      const finish = (outcome: boolean) => {
        clearTimeout(timer)
        resolve(outcome)
      }
      socket.on('error', () => finish(false))
      socket.on('message', (data) => data.toString() === word && finish(true))
      socket.bind(PORT, () => {
        try {
          socket.addMembership(GROUP)
          socket.send(word, PORT, GROUP)
        } catch {
          finish(false)
        }
      })
    })
  } finally {
    socket.close()
  }
}
