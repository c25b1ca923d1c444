import { streamPair } from '@libp2p/utils'
import { describe, expect, it } from 'vitest'
import { fromBase64Url } from '../../../node/base/bytes.ts'
import { guildIdSchema, type ServerName, userIdSchema } from '../../../node/base/ids.ts'
import { settingsSchema } from '../../../node/config/schema.ts'
import { canonicalJson } from '../../../node/events/canonical.ts'
import { checkGuildEvent } from '../../../node/events/check-guild-event.ts'
import { blake3 } from '../../../node/events/id.ts'
import { parseInviteLink } from '../../../node/events/invite-link.ts'
import { createJoinProof, isJoinProof } from '../../../node/events/join-proof.ts'
import { parseKeyStatement, resolveKey } from '../../../node/events/key-statement.ts'
import { publicKeyOfSeed } from '../../../node/events/keys.ts'
import { peerIdOfPublicKey } from '../../../node/events/peer-id.ts'
import { DEFAULT_ROLES, PERMISSIONS } from '../../../node/events/permissions.ts'
import { LAW_CONTENT, TIMELINE_CONTENT } from '../../../node/events/schema/content.ts'
import {
  isLawEvent,
  isLawType,
  LAW_EVENT_TYPES,
  type LawEvent,
  TIMELINE_EVENT_TYPES,
} from '../../../node/events/schema/event.ts'
import { createSigner } from '../../../node/events/sign.ts'
import { createLaw } from '../../../node/events/state/law.ts'
import { stateJson } from '../../../node/events/state/state-hash.ts'
import { verifySignature } from '../../../node/events/verify.ts'
import { createdIdOf } from '../../../node/events/wire-form.ts'
import { createFrameChannel } from '../../../node/federation/frames.ts'
import { JOIN_REFUSALS, syncHeaderSchema } from '../../../node/federation/wire.ts'
import { silentLogger } from '../../../node/base/log.ts'
import { createTimeline } from '../../../node/services/timeline/index.ts'
import { createVerifier } from '../../../node/services/timeline/verifier.ts'
import { openTestDatabase } from '../../kit/database.ts'
import { parsedOf } from '../events/sample.ts'
import { BYTE_FAULTS, FEDERATED_FAULTS, MALFORMED, REFUSALS, STATEMENT_FAULTS } from './protocol-codes.ts'
import { codesIn, codesOf, readSource, rowsOf, sample, sampleBytes, valueOf } from './protocol-document.ts'

// docs/PROTOCOL.md against the code: its tables name exactly what the code knows, and its samples are what the code makes.

describe('the tables', () => {
  it('list every event type with its kind, required and optional members', () => {
    const documented = rowsOf('content').map(([type = '', kind = '', required = '', optional = '']) => ({
      type: codesIn(type).join(),
      kind,
      required: codesIn(required).sort(),
      optional: codesIn(optional).sort(),
    }))

    expect(documented).toEqual([...LAW_EVENT_TYPES, ...TIMELINE_EVENT_TYPES].map(describeContent))
  })

  it('list the fields of the envelope in their order', () => {
    expect(codesOf('envelope')).toEqual(Object.keys(JSON.parse(sample('canonical-message')) as object))
  })

  it('list the permission bits', () => {
    expect(rowsOf('permissions').map(([name = '', bit]) => [codesIn(name)[0], Number(bit)])).toEqual(
      Object.entries(PERMISSIONS),
    )
  })

  it('list the default roles', () => {
    const documented = rowsOf('roles').map(([id = '', position, permissions]) => ({
      role_id: codesIn(id)[0],
      name: codesIn(id)[0],
      position: Number(position),
      permissions: Number(permissions),
    }))

    expect(documented).toEqual(DEFAULT_ROLES)
  })

  it('list the refusals of the law', () => {
    expect(codesOf('refusals')).toEqual(REFUSALS)
  })

  it('list what is wrong with bytes, statements and pushed events', () => {
    expect(codesOf('malformed').sort()).toEqual(MALFORMED.sort())
    expect(codesOf('byte-faults').sort()).toEqual(BYTE_FAULTS.sort())
    expect(codesOf('statement-faults').sort()).toEqual(STATEMENT_FAULTS.sort())
    expect(codesOf('federated-faults')).toEqual(FEDERATED_FAULTS)
  })

  it('list the reasons for which the timeline rejects', () => {
    const inPlace = literalsOf('node/services/timeline/place.ts')
    const inCheck = literalsOf('node/services/timeline/check-text.ts').filter((text) => text !== 'key_missing')

    expect(codesOf('placement').sort()).toEqual(inPlace.sort())
    expect(codesOf('text-faults').sort()).toEqual(inCheck.sort())
  })

  it('list the refusals of a join', () => {
    expect(codesOf('join-refusals').sort()).toEqual([...JOIN_REFUSALS].sort())
  })

  it.each(rowsOf('limits').map(([name = '', value = '']) => [codesIn(name)[0] ?? '', value]))(
    'give the limit %s as the code has it',
    (name, value) => {
      expect(limitsInCode(name)).toEqual([Number(value.replaceAll(' ', ''))])
    },
  )
})

describe('the sample nodes', () => {
  it('are named after their keys', () => {
    for (const { seed, statement } of [ALICE, BOB]) {
      expect(peerIdOfPublicKey(publicKeyOfSeed(filled(seed)))).toBe(statement.peer_id)
      expect(createSigner(filled(seed + 1)).keyId).toBe(statement.keys[0]?.key_id)
    }
  })

  it('have statements whose signature covers what is shown', () => {
    const { signature, ...signed } = ALICE.statement

    expect(sample('statement-alice-signed')).toBe(`openguild key statement v1\n${canonicalJson(signed)}`)
    const hash = blake3(sample('statement-alice-signed'))
    expect(verifySignature(publicKeyOfSeed(filled(0x11)), hash, fromBase64Url(signature))).toBe(true)
  })
})

describe.each(['guild.create', 'channel.create', 'invite.create', 'member.join', 'message'])(
  'the sample %s',
  (type) => {
    const wire = wireOf(type)
    const parsed = parsedOf(wire)

    it('has the given hash and id', () => {
      expect(hex(parsed.hash)).toBe(valueOf(`sample-${type}`, 'BLAKE3'))
      expect(hex(blake3(sample(`canonical-${type}`)))).toBe(valueOf(`sample-${type}`, 'BLAKE3'))
      expect(parsed.eventId).toBe(valueOf(`sample-${type}`, 'event id'))
    })

    it('is well formed and signed by a stated key', () => {
      const verdict = checkGuildEvent(parsed)
      if (verdict.kind === 'rejected') throw new Error(verdict.message)
      const key = resolveKey([ALICE.statement, BOB.statement], verdict.event.origin_server, verdict.keyId)

      expect(key && verifySignature(key, parsed.hash, verdict.signature)).toBe(true)
      expect(verdict.guildId).toBe(GUILD_ID)
    })

    it('is the one of the vectors', () => {
      expect(readSource('test/vectors/guild-events-v1.json')).toContain(JSON.stringify(wire))
    })
  },
)

describe('the sample guild', () => {
  it('shows guild.create in wire form', () => {
    expect(sample('wire-guild.create')).toBe(wireOf('guild.create'))
  })

  it('gives guild, channel and invite the created ids', () => {
    for (const [type, label] of [
      ['guild.create', 'guild id'],
      ['channel.create', 'channel id'],
      ['invite.create', 'invite id'],
    ] as const) {
      expect(createdIdOf(parsedOf(wireOf(type)).event)).toBe(valueOf(`sample-${type}`, label))
    }
  })

  it('has the law state that is shown', () => {
    const law = createLaw(GUILD_ID)
    for (const event of lawEvents()) law.add(event)
    const { state, hash } = law.current()

    expect(state && stateJson(state)).toBe(sample('state'))
    expect(hash).toBe(valueOf('sample-state', 'state hash'))
    expect(law.heads()).toEqual([valueOf('sample-state', 'law heads')])
  })

  it('is placed event by event by a node that knows the statements', async () => {
    await using database = await openTestDatabase()
    const statements = [ALICE.statement, BOB.statement]
    const findKey = (peerId: ServerName, keyId: string) => resolveKey(statements, peerId, keyId)
    const verifier = createVerifier({ keys: { findKey }, threads: 1 })
    const { timeline } = createTimeline({
      db: database.db,
      clock: { now: () => 1_760_000_100_000 },
      log: silentLogger,
      verifier,
      origin: BOB.statement.peer_id,
      signer: createSigner(filled(0x22)),
      limits: { waitingPerGuild: 10, waitingPerPeer: 10 },
      newNonce: () => '',
    })
    timeline.expect(GUILD_ID)

    const outcomes: string[] = []
    for (const type of TYPES) {
      const received = await timeline.receive(GUILD_ID, [wireOf(type)], ALICE.statement.peer_id)
      outcomes.push(...received.map((outcome) => outcome.kind))
    }
    await verifier.close()

    expect(outcomes).toEqual(TYPES.map(() => 'accepted'))
    expect(timeline.findGuild(GUILD_ID)?.stateHash).toBe(valueOf('sample-state', 'state hash'))
  })

  it('lets Bob in by a link that says what is shown', () => {
    const outcome = parseInviteLink(sample('link'))
    if (outcome.kind === 'refused') throw new Error(outcome.message)
    const { invite } = outcome
    const join = parsedOf(wireOf('member.join')).event
    const joiner = { guildId: GUILD_ID, userId: userIdSchema.parse(join.sender), serverName: BOB.statement.peer_id }
    const proof = createJoinProof(fromBase64Url(invite.secret), joiner)
    const publicKey = publicKeyOfSeed(fromBase64Url(invite.secret))

    expect(join.content).toMatchObject({ invite_id: invite.invite_id, proof })
    expect(isJoinProof(proof, Buffer.from(publicKey).toString('base64url'), joiner)).toBe(true)
    expect(verifySignature(publicKey, blake3(sample('join-proof')), fromBase64Url(proof))).toBe(true)
    expect(Buffer.from(sample('link').split('/').at(-1) ?? '', 'base64url').toString()).toBe(sample('link-payload'))
  })
})

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

const TYPES = ['guild.create', 'channel.create', 'invite.create', 'member.join', 'message']
const GUILD_ID = guildIdSchema.parse(valueOf('sample-guild.create', 'guild id'))
const ALICE = { seed: 0x11, statement: statementOf('statement-alice') }
const BOB = { seed: 0x21, statement: statementOf('statement-bob') }

function filled(filler: number): Uint8Array {
  return new Uint8Array(32).fill(filler)
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function statementOf(name: string) {
  const outcome = parseKeyStatement(JSON.parse(sample(name)))
  if (outcome.kind === 'refused') throw new Error(outcome.message)
  return outcome.statement
}

/** The canonical bytes with the id and the signature of the table filled in. */
function wireOf(type: string): string {
  const canonical = sample(`canonical-${type}`)
  const [name = '', signature = ''] = rowsOf(`sample-${type}`)[2]?.flatMap(codesIn) ?? []
  const { origin_server: origin } = JSON.parse(canonical) as { origin_server: string }
  return canonical
    .replace('"event_id":""', () => `"event_id":"${valueOf(`sample-${type}`, 'event id')}"`)
    .replace(/"signatures":\{\}\}$/, () => `"signatures":{"${origin}":{"${name}":"${signature}"}}}`)
}

function lawEvents(): LawEvent[] {
  return TYPES.map((type) => checkGuildEvent(parsedOf(wireOf(type)))).flatMap((verdict) =>
    verdict.kind === 'well-formed' && isLawEvent(verdict.event) ? [verdict.event] : [],
  )
}

function describeContent(type: (typeof LAW_EVENT_TYPES)[number] | (typeof TIMELINE_EVENT_TYPES)[number]) {
  const members = Object.entries(isLawType(type) ? LAW_CONTENT[type].shape : TIMELINE_CONTENT[type].shape)
  const isOptional = ([, schema]: (typeof members)[number]): boolean => schema.safeParse(undefined).success
  return {
    type,
    kind: isLawType(type) ? 'law' : 'timeline',
    required: members
      .filter((member) => !isOptional(member))
      .map(([name]) => name)
      .sort(),
    optional: members
      .filter(isOptional)
      .map(([name]) => name)
      .sort(),
  }
}

/** Snake-case words between quotes, and `stranger`, which has no underscore. */
function literalsOf(path: string): string[] {
  const words = [...readSource(path).matchAll(/'([a-z]+(?:_[a-z]+)+|stranger)'/g)].map(([, word = '']) => word)
  return [...new Set(words)]
}

const LIMIT_SOURCES = [
  'node/events/parse.ts',
  'node/events/json.ts',
  'node/events/guild-event-rules.ts',
  'node/events/schema/text.ts',
  'node/events/invite-link.ts',
  'node/services/key-statements.ts',
  'node/services/peers.ts',
  'node/services/timeline/place.ts',
  'node/services/timeline/index.ts',
  'node/services/timeline/send.ts',
  'node/federation/wire.ts',
  'node/federation/index.ts',
  'node/federation/grants.ts',
  'node/federation/inbound.ts',
  'node/federation/sync/intake.ts',
]

/** Every value the code gives to a name, each once: a constant, a member of the frame limits, or a default of the configuration. */
function limitsInCode(name: string): number[] {
  if (name in settings.limits) return [Number(Object.entries(settings.limits).find(([key]) => key === name)?.[1])]
  const assignment = new RegExp(`(?:const ${name} =|\\b${name}:) ([0-9_* ]+)`, 'g')
  const values = LIMIT_SOURCES.flatMap((path) => [...readSource(path).matchAll(assignment)])
  return [...new Set(values.map(([, product = '']) => multiply(product)))]
}

const multiply = (product: string): number =>
  product.split('*').reduce((total, factor) => total * Number(factor.replaceAll('_', '')), 1)

const settings = settingsSchema.parse({})
