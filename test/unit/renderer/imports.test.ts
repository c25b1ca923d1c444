import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../renderer/', import.meta.url))
const SHAPES = resolve(ROOT, '../node/api/admin/shapes.ts')
const IMPORT = /^(import|export)( type)? [^'"]*from '([^']+)'/gm

const sources = readdirSync(ROOT, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))

/** A browser loads these files one by one: what they import must be served beside them. */
it.each(sources)('%s imports pages of the dashboard, and of the node only shapes as types', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8')

  const outside = [...text.matchAll(IMPORT)]
    .map(([, , type, specifier = '']) => ({ type, file: resolve(ROOT, path, '..', specifier), specifier }))
    .filter(({ file }) => !file.startsWith(ROOT))

  expect(outside.filter(({ type, file }) => type === undefined || file !== SHAPES)).toEqual([])
})
