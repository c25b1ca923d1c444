import { renameSync, rmSync } from 'node:fs'

/** Puts `x.log` aside as `x.log.1`, moves `.1` to `.2` and so on, and drops what is beyond `keepFiles`. */
export function rotateFiles(path: string, keepFiles: number): void {
  rmSync(`${path}.${keepFiles}`, { force: true })
  for (let number = keepFiles - 1; number >= 1; number--) moveIfThere(`${path}.${number}`, `${path}.${number + 1}`)
  moveIfThere(path, `${path}.1`)
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT')) throw thrown
  }
}
