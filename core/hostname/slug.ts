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

/** Names with which somebody could pass for us, also together with other reserved names, as in `secure-login`. */
const official = (
  'account accounts admin administrator auth billing login logon official operator password payment payments ' +
  'secure security signin signup sitewright support verification verify'
).split(' ')

/** Other names that mislead visitors or collide with ours. */
const technical: ReadonlySet<string> = new Set(
  (
    'abuse api app assets autoconfig autodiscover blog cdn console custom dashboard docs ftp help hostmaster imap ' +
    'internal local localhost mail mx ns1 ns2 pop postmaster root router smtp ssl static status webmaster wpad www'
  ).split(' '),
)

/** What looks like a letter in a hostname. */
const lookAlikes: Readonly<Record<string, string>> = {
  ...{
    a: '[a4]',
    b: '[b8]',
    e: '[e3]',
    g: '[g69q]',
    i: '[i1l]',
    l: '[l1i]',
    o: '[o0]',
    q: '[q9g]',
    s: '[s5]',
    t: '[t7]',
  },
  ...{ m: '(?:m|rn)', u: '[uv]', v: '[vu]', w: '(?:w|vv)', z: '[z2]' },
}

/** Matches a name, its look-alikes, and both with hyphens in between. */
const like = (name: string): string =>
  [...name.replaceAll('-', '')].map((letter) => lookAlikes[letter] ?? letter).join('-?')

const anyOf = (names: readonly string[]): string => `(?:${names.map(like).join('|')})`

/** Words that change nothing beside an official name. */
const fillers = 'center centre customer desk my online our page portal service team the your'.split(' ')

const other = anyOf([...official, ...technical, ...fillers])
const misleading = new RegExp(`^(?:${other}-?)*${anyOf(official)}(?:-?${other})*(?:-?[0-9]+)?$`)

/** Short brands are words of other names too, such as `go` in `google`: they count between hyphens only. */
const shortBrand = 5

/** Whether a slug could be taken for one of ours. @param reserved names, or `*brand*` for every slug that has the brand in it. */
const isTakenForOurs = (slug: string, reserved: readonly string[]): boolean =>
  misleading.test(slug) ||
  technical.has(slug) ||
  reserved.some((entry) => {
    const name = entry.replaceAll('*', '')
    if (name === entry) return new RegExp(`^${like(name)}$`).test(slug)
    return new RegExp(name.length < shortBrand ? `(?:^|-)${like(name)}(?:-|$)` : like(name)).test(slug)
  })

/** The reserved names of an installation: those of its configuration, and every slug with a brand in it. */
export const reservedNames = (slugs: readonly string[], brands: readonly (string | undefined)[]): readonly string[] => [
  ...slugs,
  ...brands.flatMap((brand = '') => {
    const name = brand
      .normalize('NFKD')
      .toLowerCase()
      .replaceAll(/[^a-z0-9]/g, '')
    return name === '' ? [] : [`*${name}*`]
  }),
]

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
  if (isTakenForOurs(slug, reserved)) return 'reserved'
  return undefined
}

/** `shop` under `sites.example.com` is `shop.sites.example.com`. */
export const hostnameOf = (slug: string, sitesDomain: string): string => `${slug}.${sitesDomain}`
