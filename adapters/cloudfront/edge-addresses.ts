import { BlockList, isIP } from 'node:net'
import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'

const prefixSchema = z.object({ service: z.string() })
const rangesSchema = z.object({
  prefixes: z.array(prefixSchema.extend({ ip_prefix: z.string() })),
  ipv6_prefixes: z.array(prefixSchema.extend({ ipv6_prefix: z.string() })),
})

const addRange = (list: BlockList, range: string): void => {
  const [address = '', bits = ''] = range.split('/')
  list.addSubnet(address, Number(bits), isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

const dayMilliseconds = 86_400_000

/**
 * Knows the addresses of CloudFront by the list that AWS publishes, read once a day. Resolvers give different ones for a name,
 * so they cannot be compared one by one. @see https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html
 * @param options.now milliseconds of a clock that never goes back.
 */
export const createEdgeAddresses = ({
  now,
  log,
  source = 'https://ip-ranges.amazonaws.com/ip-ranges.json',
}: {
  readonly now: () => number
  readonly log: Pick<Log, 'warn'>
  readonly source?: string
}) => {
  let known: { readonly list: Promise<BlockList>; readonly at: number } | undefined

  const read = async (): Promise<BlockList> => {
    const response = await fetch(source, { signal: AbortSignal.timeout(5000) })
    const { prefixes, ipv6_prefixes } = rangesSchema.parse(await response.json())
    const list = new BlockList()
    for (const { service, ip_prefix } of prefixes) if (service === 'CLOUDFRONT') addRange(list, ip_prefix)
    for (const { service, ipv6_prefix } of ipv6_prefixes) if (service === 'CLOUDFRONT') addRange(list, ipv6_prefix)
    return list
  }

  /** All of them; undefined where the list cannot be had. */
  return async (addresses: readonly string[]): Promise<boolean | undefined> => {
    if (known === undefined || now() - known.at > dayMilliseconds) known = { list: read(), at: now() }
    try {
      const list = await known.list
      return addresses.every((address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
    } catch (error) {
      log.warn({ err: error, source }, 'the list of CloudFront addresses could not be read')
      known = undefined
      return undefined
    }
  }
}
