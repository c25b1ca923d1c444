/**
 * First import of every entry point, for its side effect: below Node 24 better-sqlite3 dies without a word and types are
 * not stripped. Plain JavaScript of 2020, so that the Node it turns away can still read it.
 */
const NEEDED = 24
const found = process.versions.node

if (Number(found.split('.')[0]) < NEEDED) {
  console.error(
    `OpenGuild needs Node ${NEEDED} or newer; this is Node ${found} (${process.execPath}).\n` +
      `"npm ci" brings a matching one along for Linux and Windows on x64 and Linux on arm64, and npm uses it: run\n` +
      `"npm start" instead of "node ...", or "npx openguild". Elsewhere install Node ${NEEDED} from https://nodejs.org.`,
  )
  process.exit(1)
}
