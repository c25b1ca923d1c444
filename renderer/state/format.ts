const counts = new Intl.NumberFormat('en')

export const count = (value: number): string => counts.format(value)

/** `1 guild`, `3 guilds`. */
export const countOf = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`

/** Peer ids all begin alike; the end is what tells them apart. */
export const shortPeerId = (peerId: string): string => (peerId.length > 16 ? `12D3…${peerId.slice(-8)}` : peerId)

export const shortHash = (hash: string): string => hash.slice(0, 10)

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
] as const

/** The two largest units: `3 d 4 h`, `12 min`, `8 s`. */
export function duration(ms: number): string {
  let rest = Math.max(0, Math.floor(ms / 1000))
  const parts: string[] = []
  for (const [unit, seconds] of UNITS) {
    const whole = Math.floor(rest / seconds)
    rest -= whole * seconds
    if (whole > 0) parts.push(`${whole} ${unit}`)
  }
  return parts.length === 0 ? `${rest} s` : parts.slice(0, 2).join(' ')
}

/** Clocks of two computers differ, so a moment in the near future is now. */
export function ago(time: string, now: number): string {
  const ms = now - Date.parse(time)
  return ms < 5_000 ? 'just now' : `${duration(ms)} ago`
}

export const clockTime = (ms: number): string => new Date(ms).toLocaleTimeString()
export const fullTime = (time: string): string => new Date(time).toLocaleString()
