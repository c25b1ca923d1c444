/**
 * The y coordinates (little-endian hex) of the eight points of small order, plus the spellings p and p + 1 of 0 and 1. With
 * either sign bit these are the 14 encodings no R may have.
 */
const SMALL_ORDER_Y: ReadonlySet<string> = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
])

/**
 * Whether 32 bytes spell a point whose eightfold is the identity.
 * @NOTE by encoding, not by decoding: the non-canonical spellings, which decoders refuse or take as they like, count too.
 */
export function isSmallOrderEncoding(point: Uint8Array): boolean {
  const y = Buffer.from(point)
  y[31] = (y[31] ?? 0) & 0x7f
  return SMALL_ORDER_Y.has(y.toString('hex'))
}
