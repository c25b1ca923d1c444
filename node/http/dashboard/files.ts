import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { stripTypes } from './strip-types.ts'

/** A file of the dashboard, ready to be sent. */
export interface DashboardFile {
  contentType: string
  body: string
  /** Strong entity tag, with its quotes. */
  tag: string
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  // Keeps its name, so that imports need no rewriting and a debugger shows the file as it is in the repository.
  '.ts': 'text/javascript; charset=utf-8',
}

/** Paths of what may be served, relative to `directory` and with forward slashes. */
export function listDashboardFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => extname(path) in CONTENT_TYPES)
    .map((path) => path.replaceAll(sep, '/'))
    .sort()
}

/** All of these files by their path. They are few and small: once read they stay in memory. */
export async function readDashboardFiles(
  directory: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, DashboardFile>> {
  const texts = await Promise.all(paths.map((path) => readFile(join(directory, path), 'utf8')))
  const isScript = (index: number) => paths[index]?.endsWith('.ts') === true
  const stripped = (await stripTypes(texts.filter((_text, index) => isScript(index)))).values()
  return new Map(
    paths.map((path, index) => {
      const body = (isScript(index) ? stripped.next().value : texts[index]) ?? ''
      return [path, { body, contentType: CONTENT_TYPES[extname(path)] ?? '', tag: tagOf(body) }]
    }),
  )
}

const tagOf = (body: string): string => `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
