import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface TempDir {
  readonly path: string
  /** A path inside it. */
  file(name: string): string
}

/**
 * An empty directory for the running test, removed at its end. What the test opens in it after this call is closed before,
 * as far as `onTestFinished` closes it.
 */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'openguild-test-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return { path, file: (name) => join(path, name) }
}
