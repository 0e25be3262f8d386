import type { ClientRequest, IncomingMessage } from 'node:http'
import type { RequestOptions } from 'node:https'
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { type HookAnswer, maxAnswered } from '../../core/ports/hooks.ts'
import { failureOf } from './health-probe.ts'

const listOf = (family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix = ''] = network.split('/')
    list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/** The networks of IPv4 that are not global, by IANA's special-purpose registry; with multicast, anycast of 6to4, and the address of Azure's host. */
const notGlobal4 = listOf('ipv4', [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  // Azure's host answers here, and gives its machines keys and certificates.
  '168.63.129.16/32',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
])

/** Global unicast. Everything else is local, mapped, translated or multicast. */
const unicast6 = listOf('ipv6', ['2000::/3'])
/** Within it: protocols such as Teredo, documentation, and 6to4, which contains addresses of IPv4. */
const notGlobal6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

/** Whether an address is on the public Internet. Refuses what it does not know, and names. */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !notGlobal4.check(address, 'ipv4')
  return isIPv6(address) && unicast6.check(address, 'ipv6') && !notGlobal6.check(address, 'ipv6')
}

/** `request` of `node:http` or `node:https`. */
export type Ask = (options: RequestOptions, answered: (answer: IncomingMessage) => void) => ClientRequest

/**
 * How long the connection to one of several addresses may take, in milliseconds. Node's default is 250: a server beyond an ocean, or one lost packet,
 * takes longer. https://github.com/nodejs/node/issues/54359
 */
const attemptMilliseconds = 2000

/**
 * Posts, unless `method` says otherwise, with a new connection: a kept one might be of a process that has ended. Reads the
 * beginning of the answer. Never throws.
 * @param options.timeoutMilliseconds for everything, up to the end of what is read.
 */
export const postOnce = (
  ask: Ask,
  given: RequestOptions & { readonly body: string; readonly timeoutMilliseconds: number },
): Promise<HookAnswer> =>
  new Promise((resolve) => {
    const { body, timeoutMilliseconds, ...options } = given
    const signal = AbortSignal.timeout(timeoutMilliseconds)
    const give = (error: unknown): void => resolve(failureOf(signal.aborted ? signal.reason : error))
    try {
      const connecting = { agent: false, autoSelectFamilyAttemptTimeout: attemptMilliseconds, signal } as const
      const asking = ask({ method: 'POST', ...options, ...connecting }, (answer) => {
        const status = answer.statusCode ?? 0
        let text = ''
        answer.setEncoding('utf8')
        answer.on('data', (chunk: string) => {
          text = `${text}${chunk}`.slice(0, maxAnswered)
          if (text.length === maxAnswered) answer.destroy()
        })
        // The status counts, also of an answer that breaks off.
        answer.on('error', () => {})
        answer.on('close', () => resolve({ status, text }))
      })
      asking.on('error', give)
      asking.end(body)
    } catch (error) {
      give(error)
    }
  })
