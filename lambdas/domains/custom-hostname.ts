type HostnameProblem = 'not-a-hostname' | 'ip-address' | 'wildcard' | 'port' | 'single-label' | 'special-use' | 'ours'

export const hostnameProblemText: Readonly<Record<HostnameProblem, string>> = {
  'not-a-hostname': 'must be a hostname, such as www.example.com',
  'ip-address': 'must be a hostname and not an IP address',
  wildcard: 'must be a single hostname, not a wildcard',
  port: 'must be without a port: visitors use ports 80 and 443',
  'single-label': 'must have at least two labels, as in example.com',
  'special-use': 'is not in the public DNS',
  ours: 'is one of our own domains',
}

/** Leaves room for the label of the TXT record. */
const longest = 240
const longestLabel = 63

/** Names that resolve locally or never. Source: the IANA registry of special-use domain names. */
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

const toAscii = (name: string): string | undefined => {
  // Characters that the URL parser would split at or decode.
  if (/[\s/?#@\\%[\]<>^|`{}"]/u.test(name)) return undefined
  return URL.parse(`http://${name}`)?.hostname
}

const isLabel = (label: string): boolean =>
  label.length <= longestLabel && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(label)

const isBelow = (name: string, domain: string): boolean => name === domain || name.endsWith(`.${domain}`)

/** The part of a pasted URL that names the server. */
const authorityOf = (typed: string): string =>
  typed
    .trim()
    .replace(/^(https?:)?\/\//i, '')
    .replace(/[/?#].*$/s, '')
    .replace(/:(80|443)$/, '')

/**
 * Normalizes a typed hostname, or that of a pasted URL.
 * @param own our own domains: they and names below them are refused.
 */
export const readHostname = (
  typed: string,
  own: readonly string[],
): { readonly hostname: string } | { readonly problem: HostnameProblem } => {
  const name = authorityOf(typed).replace(/\.$/, '')
  if (name.includes('*')) return { problem: 'wildcard' }
  if (name.startsWith('[') || name.split(':').length > 2) return { problem: 'ip-address' }
  if (/^[^:@]+:\d+$/.test(name)) return { problem: 'port' }
  if (name.includes(':')) return { problem: 'not-a-hostname' }
  const hostname = toAscii(name)
  if (hostname === undefined || hostname === '') return { problem: 'not-a-hostname' }
  // The parser turns any spelling of an IPv4 address, such as `2130706433`, into four numbers.
  if (isAddress(hostname)) return { problem: 'ip-address' }
  const labels = hostname.split('.')
  if (hostname.length > longest || !labels.every(isLabel)) return { problem: 'not-a-hostname' }
  if (labels.length < 2) return { problem: 'single-label' }
  // First, because on one machine our domain is a special-use one.
  if (own.some((domain) => isBelow(hostname, domain))) return { problem: 'ours' }
  if (specialUse.some((domain) => isBelow(hostname, domain))) return { problem: 'special-use' }
  return { hostname }
}
