import { existsSync, globSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { codesIn, readSource } from '../../kit/markdown.ts'

// What pages refer to is there: links, files of the source, and tests by their names.

const repository = fileURLToPath(new URL('../../../', import.meta.url))
const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: repository })].map((path) => path.replaceAll('\\', '/'))

/** Headings as GitHub makes anchors of them. */
const anchorsOf = (page: string): string[] =>
  [...page.matchAll(/^#{1,6} (.+)$/gm)].map(([, text = '']) =>
    text
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-'),
  )

const isSourcePath = (code: string): boolean => /^(?:node|test|deploy|migrations)\/[\w./-]+\.\w+$/.test(code)

describe.each(pages)('%s', (path) => {
  const page = readSource(path)

  it('links to pages and headings that are there', () => {
    const links = [...page.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)]
    const broken = links.filter(([, target = '', anchor]) => {
      const file = target === '' ? path : normalize(join(dirname(path), target))
      if (!existsSync(join(repository, file))) return true
      return anchor !== undefined && !anchorsOf(readSource(file)).includes(anchor)
    })

    expect(broken.map(([link]) => link)).toEqual([])
  })

  it('names files that are there', () => {
    const named = codesIn(page).filter(isSourcePath)

    expect(named.filter((file) => !existsSync(join(repository, file)))).toEqual([])
  })

  it('cites tests by their names', () => {
    const cited = [...page.matchAll(/`(test\/[\w./-]+)`((?:,? ?"[^"]+")+)/g)]
    const missing = cited.flatMap(([, file = '', names = '']) => {
      const source = readSource(file)
      return [...names.matchAll(/"([^"]+)"/g)].flatMap(([, name = '']) => (source.includes(name) ? [] : [name]))
    })

    expect(missing).toEqual([])
  })
})
