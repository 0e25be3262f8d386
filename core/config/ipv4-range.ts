/** The first and last address of an IPv4 network, as integers. */
export interface Ipv4Range {
  readonly first: number
  readonly last: number
}

/** Undefined where the text is no network of /16 to /24, the sizes that a VPC's part and its subnets can have. */
export const ipv4Range = (cidr: string): Ipv4Range | undefined => {
  const [, address = '', length = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(1[6-9]|2[0-4])$/.exec(cidr) ?? []
  const bytes = address.split('.').map(Number)
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255)) return undefined
  const first = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  const size = 2 ** (32 - Number(length))
  return first % size === 0 ? { first, last: first + size - 1 } : undefined
}

/** False where one of them is no network at all. */
export const rangesOverlap = (one: string, other: string): boolean => {
  const [left, right] = [ipv4Range(one), ipv4Range(other)]
  return left !== undefined && right !== undefined && left.first <= right.last && right.first <= left.last
}

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')

/**
 * A network's equal parts, in order: 2 for one bit, 4 for two.
 * @throws {Error} where the text is no network.
 */
export const subnetsOf = (cidr: string, bits: number): readonly string[] => {
  const range = ipv4Range(cidr)
  if (range === undefined) throw new Error(`${cidr} is no network`)
  const size = (range.last - range.first + 1) / 2 ** bits
  return Array.from({ length: 2 ** bits }, (_, part) => `${dotted(range.first + part * size)}/${32 - Math.log2(size)}`)
}
