import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'

const WORDS = 24

/** Tells the writer of the phrase what to look at; holds none of the phrase but words that are in no list. */
export class RecoveryPhraseError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RecoveryPhraseError'
  }
}

/** The 32-byte identity seed as 24 words of the English BIP-39 list, with its checksum. */
export function encodeRecoveryPhrase(seed: Uint8Array): string {
  if (seed.length !== 32) throw new RangeError('An identity seed has 32 bytes')
  return entropyToMnemonic(seed, wordlist)
}

/** Back to the seed; letter case and white space do not matter. Throws `RecoveryPhraseError`. */
export function decodeRecoveryPhrase(phrase: string): Uint8Array {
  const words = phrase.normalize('NFKD').toLowerCase().trim().split(/\s+/).filter(Boolean)
  if (words.length !== WORDS)
    throw new RecoveryPhraseError(`A recovery phrase has ${WORDS} words, this one ${words.length}`)
  const unknown = words.flatMap((word, at) => (wordlist.includes(word) ? [] : [`word ${at + 1} "${word}"`]))
  if (unknown.length > 0)
    throw new RecoveryPhraseError(`Not in the word list: ${unknown.join(', ')}. Check the spelling`)
  try {
    return mnemonicToEntropy(words.join(' '), wordlist)
  } catch {
    throw new RecoveryPhraseError('All words are known but they do not belong together: one is wrong or out of order')
  }
}
