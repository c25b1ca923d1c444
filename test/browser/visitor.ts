import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import { chromiumPath } from './chromium.ts'

/** A person at the dashboard, and what their browser complained about. */
export interface Visitor extends AsyncDisposable {
  readonly page: Page
  /** Errors of scripts, lines in the console, breaches of the content security policy. */
  readonly complaints: readonly string[]
  unlock(token: string): Promise<void>
  /** By the links at the top. */
  goTo(screen: 'Overview' | 'Guilds' | 'Peers' | 'People'): Promise<void>
}

export interface VisitorOptions {
  address: string
  width?: number
  colorScheme?: 'light' | 'dark'
}

const WAIT_MS = 8_000
export const NARROW = 360
export const WIDE = 1280

/** As root, Chromium needs its own sandbox switched off. */
export const launchBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })

/** In a profile of their own, at the door of the dashboard. */
export async function visit(browser: Browser, options: VisitorOptions): Promise<Visitor> {
  const { address, width = WIDE, colorScheme = 'light' } = options
  const context = await browser.newContext({
    viewport: { width, height: 800 },
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  })
  // Below the time of a test, so that what fails says what it waited for.
  context.setDefaultTimeout(WAIT_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (isComplaint(message.type(), message.text())) complaints.push(message.text())
  })
  await page.goto(`${address}/admin/`)

  return {
    page,
    complaints,
    async unlock(token) {
      await page.getByLabel('Admin token').fill(token)
      await page.getByRole('button', { name: 'Unlock' }).click()
    },
    goTo: (screen) => page.getByRole('navigation').getByRole('link', { name: screen }).click(),
    [Symbol.asyncDispose]: () => context.close(),
  }
}

/** The browser itself notes each answer that is no success and each refused connection; tests provoke both. */
const isComplaint = (type: string, text: string): boolean =>
  (type === 'error' || type === 'warning') && !text.startsWith('Failed to load resource')

/** Where pictures for the eyes of people go: `OPENGUILD_SCREENSHOTS`, else a directory for temporary files. */
export function picturePath(name: string): string {
  const directory = process.env['OPENGUILD_SCREENSHOTS'] ?? join(tmpdir(), 'openguild-screenshots')
  mkdirSync(directory, { recursive: true })
  return join(directory, `${name}.png`)
}
