/** Why a name cannot be a custom domain, whoever asks for it. */
type HostnameProblem = 'not-a-hostname' | 'ip-address' | 'wildcard' | 'single-label' | 'special-use' | 'ours'

export const hostnameProblemText: Readonly<Record<HostnameProblem, string>> = {
  'not-a-hostname': 'must be a hostname, such as www.example.com',
  'ip-address': 'must be a hostname and not an IP address',
  wildcard: 'must name one host: a wildcard stands for many',
  'single-label': 'must have at least two labels, as in example.com',
  'special-use': 'is in a domain that the public DNS does not have',
  ours: 'is one of our own domains',
}

/** The longest name that has room for the label of its TXT record before it. */
const longest = 240
const longestLabel = 63

/** Names that resolve to one's own machine or network, or never do. Source: the IANA registry of special-use domain names. */
const specialUse: readonly string[] = [
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'lan',
  'invalid',
  'onion',
  'alt',
  'arpa',
]

const isAddress = (name: string): boolean => /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || name.includes(':')

/** In ASCII, as browsers make it; undefined where there is no such thing. */
const toAscii = (name: string): string | undefined => {
  // What the parser would take for another part of a URL, or decode.
  if (/[\s/?#@\\%[\]<>^|`{}"]/u.test(name)) return undefined
  return URL.parse(`http://${name}`)?.hostname
}

const isLabel = (label: string): boolean =>
  label.length <= longestLabel && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)

const isBelow = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

/**
 * Brings what somebody typed into the one form in which hostnames are compared and stored.
 * @param own our own domains: they and all names below them are refused.
 */
export const readHostname = (
  typed: string,
  own: readonly string[],
): { readonly hostname: string } | { readonly problem: HostnameProblem } => {
  const name = typed.trim().replace(/\.$/, '')
  if (name.includes('*')) return { problem: 'wildcard' }
  if (name.includes(':') || name.startsWith('[')) return { problem: 'ip-address' }
  const hostname = toAscii(name)
  if (hostname === undefined || hostname === '') return { problem: 'not-a-hostname' }
  // The parser writes any way to spell an IPv4 address, such as `2130706433`, as four numbers.
  if (isAddress(hostname)) return { problem: 'ip-address' }
  const labels = hostname.split('.')
  if (hostname.length > longest || !labels.every(isLabel)) return { problem: 'not-a-hostname' }
  if (labels.length < 2) return { problem: 'single-label' }
  // Before the special uses: on one machine ours is one of them.
  if (own.some((domain) => isBelow(hostname, domain))) return { problem: 'ours' }
  if (specialUse.some((domain) => isBelow(hostname, domain))) return { problem: 'special-use' }
  return { hostname }
}
