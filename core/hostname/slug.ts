/** `taken` is known only to the store. */
export const slugProblems = [
  'too-short',
  'too-long',
  'bad-characters',
  'bad-ends',
  'punycode',
  'two-hyphens',
  'reserved',
  'taken',
] as const
export type SlugProblem = Exclude<(typeof slugProblems)[number], 'taken'>

export const slugProblemText: Readonly<Record<SlugProblem | 'taken', string>> = {
  'too-short': 'must have at least 3 characters',
  'too-long': 'must have at most 40 characters',
  'bad-characters': 'may hold only the letters a to z, digits and hyphens',
  'bad-ends': 'may not start or end with a hyphen',
  punycode: 'may not start with xn--',
  'two-hyphens': 'may not contain two hyphens in a row',
  reserved: 'is reserved',
  taken: 'is taken',
}

/** Names that mislead visitors or collide with ours. */
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

/** The first rule that a slug breaks. Case is not folded. */
export const slugProblem = (slug: string, reserved: readonly string[] = []): SlugProblem | undefined => {
  if (slug.length < 3) return 'too-short'
  if (slug.length > 40) return 'too-long'
  if (!/^[a-z0-9-]+$/.test(slug)) return 'bad-characters'
  if (slug.startsWith('-') || slug.endsWith('-')) return 'bad-ends'
  // IDNA: a browser would show other characters.
  if (slug.startsWith('xn--')) return 'punycode'
  // Names derived from a slug are `<slug>--<purpose>`. Older slugs may contain it.
  if (slug.includes('--')) return 'two-hyphens'
  if (alwaysReserved.has(slug) || reserved.includes(slug)) return 'reserved'
  return undefined
}

/** `shop` under `sites.example.com` is `shop.sites.example.com`. */
export const hostnameOf = (slug: string, sitesDomain: string): string => `${slug}.${sitesDomain}`
