import '../base/version-guard.ts'
import { readFileSync, writeFileSync } from 'node:fs'
import { renderConfigTable } from './describe.ts'

/** `npm run docs:config` renews the table of keys in the setup guide; a test fails while it is out of date. */

const BEGIN = '<!-- config keys: made by "npm run docs:config", do not edit -->'
const END = '<!-- end of config keys -->'

const guide = new URL('../../docs/SETUP.md', import.meta.url)
const text = readFileSync(guide, 'utf8')
const begin = text.indexOf(BEGIN)
const end = text.indexOf(END)
if (begin === -1 || end < begin) throw new Error(`docs/SETUP.md needs the lines ${BEGIN} and ${END}`)

writeFileSync(guide, `${text.slice(0, begin)}${BEGIN}\n\n${renderConfigTable()}\n\n${text.slice(end)}`)
