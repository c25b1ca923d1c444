import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PersistentMap } from '../../../../node/events/state/persistent-map.ts'

const key = fc.integer({ min: 0, max: 300 }).map(String)
const edit = fc.record({ key, value: fc.option(fc.nat(), { nil: undefined }) })

it('behaves like a plain map, and no older version ever changes', () => {
  fc.assert(
    fc.property(fc.array(edit, { size: 'max', maxLength: 400 }), (edits) => {
      const model = new Map<string, number>()
      let map = PersistentMap.of<string, number>()
      const older: [PersistentMap<string, number>, Map<string, number>][] = []
      for (const { key: name, value } of edits) {
        older.push([map, new Map(model)])
        map = value === undefined ? map.without(name) : map.with(name, value)
        if (value === undefined) model.delete(name)
        else model.set(name, value)
      }

      for (const [version, expected] of [...older, [map, model] as const]) {
        expect(version.size).toBe(expected.size)
        expect(new Map(version)).toEqual(expected)
      }
    }),
  )
})

it('can be walked and asked like any read-only map', () => {
  const map = PersistentMap.of<string, number>([
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ])
  const visited: [string, number][] = []
  map.forEach((value, name) => visited.push([name, value]))

  expect(map.size).toBe(2)
  expect(new Set(map.keys())).toEqual(new Set(['a', 'b']))
  expect(new Set(map.values())).toEqual(new Set([3, 2]))
  expect(new Map(visited)).toEqual(new Map(map.entries()))
  expect([map.get('a'), map.has('a'), map.get('c'), map.has('c')]).toEqual([3, true, undefined, false])
})

it('is itself where nothing changes', () => {
  const map = PersistentMap.of<string, number>([['a', 1]])

  expect(map.without('b')).toBe(map)
  expect(map.mapped((value) => value)).toBe(map)
  expect(new Map(map.mapped((value) => value + 1))).toEqual(new Map([['a', 2]]))
})
