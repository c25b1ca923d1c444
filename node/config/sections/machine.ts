import { flagValue, key, oneOf, section, whole } from '../fields.ts'

const MIB = 1024 * 1024

export const logFile = section({
  enabled: key(flagValue().default(true), {
    description: 'Also write the log to `logs/` in the data directory.',
    flag: true,
  }),
  max_size_bytes: key(whole(64 * 1024, 1024 * MIB).default(10 * MIB), {
    description: 'A log file is put aside when it grows beyond this.',
  }),
  keep_files: key(whole(1, 100).default(5), { description: 'How many files put aside are kept.' }),
})

export const storage = section({
  synchronous: key(oneOf(['full', 'normal']).default('full'), {
    description: 'SQLite durability. With `normal` a power cut may lose acknowledged messages.',
  }),
  group_commit_max_batch: key(whole(1, 10_000).default(256), {
    description: 'Most writes that share one commit.',
  }),
})
