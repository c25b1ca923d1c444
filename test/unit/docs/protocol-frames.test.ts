import { streamPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { createFrameChannel } from '../../../node/federation/frames.ts'
import { syncHeaderSchema } from '../../../node/federation/wire.ts'
import { sample, sampleBytes, valueOf } from './protocol-document.ts'
import { hex } from './protocol-guild.ts'

// docs/PROTOCOL.md against the code: its frames are read and written as shown.

describe('the sample frames', () => {
  it.each(['hello_of_alice', 'events_of_bob', 'done_of_bob', 'end_of_both'])(
    '%s has a header of the protocol',
    (name) => {
      const [header = ''] = sample(`frame-${name}`).split('\n')

      expect(syncHeaderSchema.safeParse(JSON.parse(header)).success).toBe(true)
    },
  )

  it.each(['hello_of_alice', 'events_of_bob'])('%s is read from and written as the bytes shown', async (name) => {
    const [header = '', ...lines] = sample(`frame-${name}`).split('\n')
    const limits = { maxFrameBytes: 1_048_576, silenceMs: 5_000 }
    const [ours, theirs] = await streamPair()
    const channel = createFrameChannel(ours, limits)
    const received: Uint8Array[] = []
    theirs.addEventListener('message', ({ data }) => received.push(data.subarray()))

    theirs.send(sampleBytes(`bytes-${name}`))
    expect(await channel.read()).toEqual({ header: JSON.parse(header) as unknown, lines })
    await channel.write(JSON.parse(header) as object, lines)
    await Promise.all([channel.close(), theirs.close()])

    expect(hex(Buffer.concat(received))).toBe(hex(sampleBytes(`bytes-${name}`)))
  })

  it('compare the state of the sample guild', () => {
    for (const name of ['hello_of_alice', 'end_of_both']) {
      expect(sample(`frame-${name}`)).toContain(`"state_hash":"${valueOf('sample-state', 'state hash')}"`)
    }
  })
})
