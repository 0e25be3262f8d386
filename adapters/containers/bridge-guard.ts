import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Log } from '../../core/ports/context.ts'

const execute = promisify(execFile)

const prefix = 'sitew-'

/** The bridge of a site's network, by its port. The kernel allows 15 characters. */
export const bridgeName = (port: number): string => `${prefix}${port}`

const fromSites = ['-i', `${prefix}+`]

/**
 * No other user of this machine connects to a site past the routers. Only the first packet of a connection is sure to have an owner: the
 * kernel sends the last ones of a closed connection without an owner.
 */
const fromOthers = ['-o', `${prefix}+`, '-m', 'conntrack', '--ctstate', 'NEW', '-m', 'owner', '!', '--uid-owner', '0']

/**
 * Where clouds give out a machine's credentials: most of them at link-local addresses, Azure beside that from its host, and Alibaba in the range of
 * carriers. Their name servers are there too, which sites ask.
 * https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
 * https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
 */
const metadata = ['169.254.0.0/16', '168.63.129.16', '100.100.100.200']

const rules4 = [
  // A site answers this host and asks nothing of it.
  ['INPUT', ...fromSites, '-m', 'conntrack', '!', '--ctstate', 'ESTABLISHED,RELATED', '-j', 'DROP'],
  // Podman's netavark 1.4 drops its own rule for this when it removes a network.
  ['FORWARD', ...fromSites, '-o', `${prefix}+`, '-j', 'DROP'],
  ...metadata.map((address) => [
    'FORWARD',
    ...fromSites,
    '-d',
    address,
    '-p',
    'tcp',
    '!',
    '--dport',
    '53',
    '-j',
    'DROP',
  ]),
  ['OUTPUT', ...fromOthers, '-j', 'DROP'],
]

/** Sites' networks have no IPv6, but every bridge has a link-local address. */
const rules6 = [
  ['INPUT', ...fromSites, '-j', 'DROP'],
  ['FORWARD', ...fromSites, '-j', 'DROP'],
  ['OUTPUT', ...fromOthers, '-j', 'DROP'],
]

export type RunCommand = (command: string, args: readonly string[]) => Promise<unknown>

const run: RunCommand = (command, args) => execute(command, [...args], { timeout: 10_000 })

/** In the table `mangle`, which neither Docker nor Podman changes and which comes before their rules. */
const ensure = async (command: string, rule: readonly string[], call: RunCommand): Promise<void> => {
  const on = (action: string): Promise<unknown> => call(command, ['-w', '5', '-t', 'mangle', action, ...rule])
  await on('-C').catch(() => on('-A'))
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Keeps containers on bridges with a {@link bridgeName} from connecting to this machine and to each other, and other users of this
 * machine from connecting to them. The rules stay after
 * the host has ended; a repetition changes nothing.
 * @returns undefined where they hold, otherwise why not.
 */
export const guardBridges = async (call: RunCommand = run): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return 'firewall rules need root'
  try {
    for (const rule of rules4) await ensure('iptables', rule, call)
    if (await isThere('/proc/net/if_inet6')) for (const rule of rules6) await ensure('ip6tables', rule, call)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim().split('\n').at(-1) : ''
    return `iptables cannot set firewall rules: ${reason}`
  }
}

const renewalMilliseconds = 60_000

/** Repeats the guard each minute, since another program of this machine may replace all firewall rules. */
export const renewGuard = (guard: () => Promise<string | undefined>, log: Pick<Log, 'error'>) => {
  let isRenewing = false
  const renew = async (): Promise<void> => {
    if (isRenewing) return
    isRenewing = true
    const reason = await guard()
    isRenewing = false
    if (reason === undefined) return
    log.error({ event: 'sites-exposed', reason }, 'sites may connect to services of this machine; trying again')
  }
  const renewals = setInterval(renew, renewalMilliseconds)
  renewals.unref()
  return { close: (): void => clearInterval(renewals) }
}
