import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'

/** Overwrites bytes of a file, as a failing disk or a careless program would. Nobody may have it open. */
export function overwrite(path: string, options: { at: number | 'middle'; bytes: number }): void {
  const file = openSync(path, 'r+')
  try {
    const at = options.at === 'middle' ? Math.floor(fstatSync(file).size / 2) : options.at
    writeSync(file, Buffer.alloc(options.bytes, 0xa5), 0, options.bytes, at)
  } finally {
    closeSync(file)
  }
}
