import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'chrome.exe']
const PLACES = [
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
]

/** Time for `installChromium`, which downloads about 100 MB. */
export const INSTALL_MS = 10 * 60_000

/**
 * The browser the tests drive: the one `OPENGUILD_CHROMIUM` names, or one that is installed. A fresh Debian machine gets
 * its distribution's where that is allowed, so that `npm ci && npm test` is all there is to do. Throws with what to do.
 */
export function chromiumPath(): string {
  const named = process.env['OPENGUILD_CHROMIUM']
  if (named !== undefined) {
    if (isExecutable(named)) return named
    throw new Error(`OPENGUILD_CHROMIUM names ${named}, which is no program`)
  }
  const found = findChromium() ?? installChromium()
  if (found !== undefined) return found
  throw new Error(
    'The browser tests need Chromium or Chrome. Install it (Debian: apt-get install chromium), ' +
      'or set OPENGUILD_CHROMIUM to the path of the program.',
  )
}

function findChromium(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '')
  const candidates = [...directories.flatMap((directory) => NAMES.map((name) => join(directory, name))), ...PLACES]
  return candidates.find(isExecutable)
}

/** Undefined where this is not Debian's family or not allowed. */
function installChromium(): string | undefined {
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) return undefined
  console.warn('No Chromium here: installing the one of this distribution (apt-get install chromium) …')
  const script = 'apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium'
  // Files of tests run side by side, and only one may use apt at a time; who comes second finds the work done.
  const { status, stderr } = spawnSync('flock', ['/tmp/openguild-chromium.lock', 'sh', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status !== 0) throw new Error(`Chromium could not be installed, and the browser tests need it:\n${stderr}`)
  return findChromium()
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
