import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'

const SCRIPT = readFileSync(new URL('./in-page/audit.js', import.meta.url), 'utf8')

/**
 * What is wrong with the page as it looks now, in words: text with too little contrast, controls without a name, doubled
 * ids, broken order of headings, anything wider than the window.
 */
export const audit = (page: Page): Promise<string[]> => page.evaluate(SCRIPT)
