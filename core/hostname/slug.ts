/** Why a slug cannot be a hostname's first label. `taken` is known only to the store. */
export type SlugProblem = 'too-short' | 'too-long' | 'bad-characters' | 'bad-ends' | 'punycode' | 'reserved'

export const slugProblemText: Readonly<Record<SlugProblem | 'taken', string>> = {
  'too-short': 'must have at least 3 characters',
  'too-long': 'must have at most 40 characters',
  'bad-characters': 'may hold only the letters a to z, digits and hyphens',
  'bad-ends': 'may not start or end with a hyphen',
  punycode: 'may not start with xn--',
  reserved: 'is reserved',
  taken: 'is taken',
}

/** Names that would mislead a visitor or collide with our own, whatever an operator adds. */
const alwaysReserved: ReadonlySet<string> = new Set([
  'abuse',
  'account',
  'admin',
  'administrator',
  'api',
  'app',
  'assets',
  'auth',
  'autoconfig',
  'autodiscover',
  'billing',
  'blog',
  'cdn',
  'console',
  'custom',
  'dashboard',
  'docs',
  'ftp',
  'help',
  'hostmaster',
  'imap',
  'internal',
  'local',
  'localhost',
  'login',
  'mail',
  'mx',
  'ns1',
  'ns2',
  'official',
  'operator',
  'pop',
  'postmaster',
  'root',
  'router',
  'security',
  'signin',
  'signup',
  'sitewright',
  'smtp',
  'ssl',
  'static',
  'status',
  'support',
  'webmaster',
  'wpad',
  'www',
])

/** The first rule that a slug breaks, or undefined. Case is not folded: what is stored is what was typed. */
export const slugProblem = (slug: string, reserved: readonly string[] = []): SlugProblem | undefined => {
  if (slug.length < 3) return 'too-short'
  if (slug.length > 40) return 'too-long'
  if (!/^[a-z0-9-]+$/.test(slug)) return 'bad-characters'
  if (slug.startsWith('-') || slug.endsWith('-')) return 'bad-ends'
  // The IDNA prefix: a browser would show such a label as other characters.
  if (slug.startsWith('xn--')) return 'punycode'
  if (alwaysReserved.has(slug) || reserved.includes(slug)) return 'reserved'
  return undefined
}

/** `shop` under `sites.example.com` is `shop.sites.example.com`. */
export const hostnameOf = (slug: string, sitesDomain: string): string => `${slug}.${sitesDomain}`
