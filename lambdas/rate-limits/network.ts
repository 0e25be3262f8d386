export interface Network {
  /** An IPv4 address, an IPv6 /64, or `unknown`. */
  readonly name: string
  readonly isLoopback: boolean
}

const ipv4 = /^\d{1,3}(\.\d{1,3}){3}$/

/** The eight groups of an IPv6 address; undefined for anything else. */
const groupsOf = (address: string): readonly number[] | undefined => {
  const plain = address.replace(/%.*$/, '').replace(/:\d{1,3}(\.\d{1,3}){3}$/, ':0:0')
  const halves = plain.split('::')
  if (halves.length > 2 || !/^[0-9a-f:]+$/i.test(plain)) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail].map((group) => Number.parseInt(group, 16))
  return groups.every((group) => group >= 0 && group <= 0xffff) ? groups : undefined
}

/** The network of an address as a socket or API Gateway writes it. A customer gets a whole IPv6 /64, so it counts as one. */
export const networkOf = (address: string): Network => {
  const inner = address.replace(/^::ffff:(?=\d+\.)/i, '')
  if (ipv4.test(inner)) return { name: inner, isLoopback: inner.startsWith('127.') }
  const groups = groupsOf(inner)
  if (groups === undefined) return { name: 'unknown', isLoopback: false }
  return {
    name: `${groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':')}::/64`,
    isLoopback: groups.slice(0, 7).every((group) => group === 0) && groups[7] === 1,
  }
}

/** Whether limits for networks and for everyone apply. */
export const isLimited = ({ limitLoopback }: { readonly limitLoopback: boolean }, { isLoopback }: Network): boolean =>
  !isLoopback || limitLoopback
