// Number tokens as the original reads and writes them (contract 5.3). `1` and `1.0` are different values, integers keep all
// their digits, and decimals are deliberately not rounded correctly, so `Number(token)` must not be used.

const U64_MAX = 18_446_744_073_709_551_615n
const I64_MIN = -9_223_372_036_854_775_808n
/** Longer exponents overflow or underflow whatever stands before them, and must not overflow our own sums. */
const MAX_EXPONENT = 2 ** 31 - 1
const MAX_POWER = 308

/** The canonical spelling of a token; undefined when it lies beyond the range of a double. */
export function canonicalNumber(token: string): string | undefined {
  const integer = readInteger(token)
  if (integer !== undefined) return integer.toString()
  const value = readDouble(token)
  return value === undefined ? undefined : formatDouble(value)
}

/** The nearest JavaScript number; undefined when the token lies beyond the range of a double. */
export function numberOfToken(token: string): number | undefined {
  const integer = readInteger(token)
  return integer === undefined ? readDouble(token) : Number(integer)
}

/** The exact value of a token that stays an integer: no fraction, no exponent, within 64 bits, not `-0`. */
export function readInteger(token: string): bigint | undefined {
  // 20 characters are enough for both ends of the range; longer tokens must not cost a huge conversion.
  if (token.length > 20 || token === '-0' || /[.eE]/.test(token)) return undefined
  const value = BigInt(token)
  return value >= I64_MIN && value <= U64_MAX ? value : undefined
}

const TOKEN = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/

function readDouble(token: string): number | undefined {
  const [, sign = '', whole = '', fraction = '', power = '0'] = TOKEN.exec(token) ?? []
  const { significand, exponent } = accumulate(whole, fraction)
  const magnitude = scale(Number(significand), exponent + clamp(Number(power)))
  if (magnitude === undefined) return undefined
  return sign === '-' ? -magnitude : magnitude
}

/** Takes digits while they fit 64 bits; digits of the whole part that no longer fit each raise the exponent by one. */
function accumulate(whole: string, fraction: string): { significand: bigint; exponent: number } {
  const digits = whole + fraction
  let taken = Math.min(digits.length, 19)
  let significand = BigInt(digits.slice(0, taken))
  for (; taken < digits.length; taken += 1) {
    const next = significand * 10n + BigInt(digits.charAt(taken))
    if (next > U64_MAX) break
    significand = next
  }
  return { significand, exponent: whole.length - taken }
}

/** One multiplication or division by a power of ten, as the original does it; this is where it rounds its own way. */
function scale(significand: number, exponent: number): number | undefined {
  let value = significand
  let power = exponent
  while (power < -MAX_POWER && value !== 0) {
    value /= 1e308
    power += MAX_POWER
  }
  if (value === 0) return 0
  if (power > MAX_POWER) return undefined
  const factor = Number(`1e${Math.abs(power)}`)
  const scaled = power < 0 ? value / factor : value * factor
  return Number.isFinite(scaled) ? scaled : undefined
}

const clamp = (power: number): number => Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, power))

/** Shortest round-trip digits, always recognisable as a double. */
function formatDouble(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const [mantissa = '', power = ''] = Math.abs(value).toExponential().split('e')
  const digits = mantissa.replace('.', '')
  return (value < 0 ? '-' : '') + placePoint(digits, Number(power) + 1)
}

/** The value is 0.d1d2… × 10^point. */
function placePoint(digits: string, point: number): string {
  if (point > 16 || point <= -5) return withExponent(digits, point - 1)
  if (point <= 0) return `0.${'0'.repeat(-point)}${digits}`
  if (digits.length <= point) return `${digits.padEnd(point, '0')}.0`
  return `${digits.slice(0, point)}.${digits.slice(point)}`
}

function withExponent(digits: string, power: number): string {
  const rest = digits.slice(1)
  return `${digits.charAt(0)}${rest === '' ? '' : `.${rest}`}e${power}`
}
