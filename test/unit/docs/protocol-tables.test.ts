import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../../../node/config/schema.ts'
import { DEFAULT_ROLES, PERMISSIONS } from '../../../node/events/permissions.ts'
import { LAW_CONTENT, TIMELINE_CONTENT } from '../../../node/events/schema/content.ts'
import { isLawType, LAW_EVENT_TYPES, TIMELINE_EVENT_TYPES } from '../../../node/events/schema/event.ts'
import { JOIN_REFUSALS } from '../../../node/federation/wire.ts'
import { BYTE_FAULTS, FEDERATED_FAULTS, MALFORMED, REFUSALS, STATEMENT_FAULTS } from './protocol-codes.ts'
import { codesIn, codesOf, readSource, rowsOf, sample } from './protocol-document.ts'

// docs/PROTOCOL.md against the code: its tables name exactly what the code knows.

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
    const inCheck = literalsOf('node/services/timeline/check-text.ts')

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
  'node/events/key-statement.ts',
  'node/events/schema/text.ts',
  'node/events/invite-link.ts',
  'node/services/peers.ts',
  'node/services/timeline/place.ts',
  'node/services/timeline/index.ts',
  'node/services/timeline/send.ts',
  'node/federation/wire.ts',
  'node/federation/index.ts',
  'node/federation/grants.ts',
  'node/federation/inbound.ts',
  'node/federation/sync/bounds.ts',
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
