import type { GuildId } from '../../base/ids.ts'
import type { TextCheck } from './check-text.ts'
import type { Verifier } from './verifier.ts'

export interface RememberedChecksDeps {
  verifier: Pick<Verifier, 'check'>
  /** Whether exactly this text is in the log of the guild: it was checked before it was stored. */
  isHeld(guildId: GuildId, text: string): boolean
}

/** Enough for what several peers send at the same time; what is older is in the log. */
const MAX_CHARACTERS = 2_000_000

/** A check that is done or under way, as part of its batch. */
interface Remembered {
  batch: Promise<readonly TextCheck[]>
  index: number
}

const HELD: Remembered = { batch: Promise.resolve([{ kind: 'right' }]), index: 0 }

/**
 * Checks each text once, however many peers bring it: when a partition heals, all of them do so at once. A check is a pure
 * function of text and guild, so an answer given before is as good as a new one.
 */
export function rememberChecks({ verifier, isHeld }: RememberedChecksDeps): Pick<Verifier, 'check'> {
  const remembered = new Map<string, Remembered>()
  let characters = 0

  function remember(key: string, entry: Remembered): void {
    forget(key)
    remembered.set(key, entry)
    characters += key.length
    for (const oldest of remembered.keys()) {
      if (characters <= MAX_CHARACTERS) break
      forget(oldest)
    }
  }

  function forget(key: string): void {
    if (remembered.delete(key)) characters -= key.length
  }

  /** Gives the entries themselves: they may be forgotten before they are read. */
  function begin(guildId: GuildId, fresh: ReadonlyMap<string, string>): Map<string, Remembered> {
    if (fresh.size === 0) return new Map()
    const batch = verifier.check(guildId, [...fresh.values()])
    const begun = new Map([...fresh.keys()].map((key, index) => [key, { batch, index }]))
    for (const [key, entry] of begun) remember(key, entry)
    batch.catch(() => begun.keys().forEach(forget))
    return begun
  }

  return {
    async check(guildId, texts) {
      const keyed = texts.map((text) => ({ text, key: `${guildId} ${text}` }))
      const known = new Map<string, Remembered>()
      const fresh = new Map<string, string>()
      for (const { key, text } of keyed) {
        const entry = remembered.get(key) ?? (isHeld(guildId, text) ? HELD : undefined)
        if (entry === undefined) fresh.set(key, text)
        else known.set(key, entry)
      }
      const begun = begin(guildId, fresh)
      return Promise.all(keyed.map(({ key }) => answerOf(known.get(key) ?? begun.get(key))))
    },
  }
}

async function answerOf(entry: Remembered | undefined): Promise<TextCheck> {
  const check = entry && (await entry.batch)[entry.index]
  if (check === undefined) throw new Error('A batch of checks is shorter than its texts')
  return check
}

/** How the wire form begins (protocol, "Wire form"). */
const WIRE_START = /^\{"schema_version":1,"event_id":"([^"\\]{1,64})"/

/** The id a text claims to have; whether it is true, its check decides. */
export const claimedIdOf = (text: string): string | undefined => WIRE_START.exec(text)?.[1]
