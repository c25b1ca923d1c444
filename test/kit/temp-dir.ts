import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempDir extends Disposable {
  readonly path: string
  /** A path inside it. */
  file(name: string): string
}

/** An empty directory; `using` removes it with all that is in it. */
export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'openguild-test-'))
  return {
    path,
    file: (name) => join(path, name),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  }
}
