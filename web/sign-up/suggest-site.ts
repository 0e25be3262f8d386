/** Makes a slug from a name: `Café Zoë & Söhne` gives `cafe-zoe-sohne`. Empty if no character is usable. */
export const suggestSlug = (name: string): string => {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .replace(/['’]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '')
  return slug.length > 0 && slug.length < 3 ? `${slug}-site` : slug
}

/** Other slugs to offer when this one is taken. */
export const alternatives = (slug: string): readonly string[] => {
  const stem = slug.slice(0, 35).replace(/-+$/, '')
  return ['2', '3', 'site'].map((ending) => `${stem}-${ending}`)
}

/** Parts of a public suffix such as `co.uk`. */
const secondLevels = new Set(['ac', 'co', 'com', 'edu', 'gov', 'net', 'org'])

/** The company's name in a mail address: `ada@mail.acme-tools.co.uk` gives `Acme Tools`. Empty at a mail provider. */
export const companyOf = (email: string, sharedMailDomains: readonly string[]): string => {
  const domain = email.split('@').at(-1)?.toLowerCase() ?? ''
  const isShared = sharedMailDomains.some((shared) => domain === shared || domain.endsWith(`.${shared}`))
  const labels = domain.split('.')
  if (isShared || labels.length < 2) return ''
  labels.pop()
  if (labels.length > 1 && secondLevels.has(labels.at(-1) ?? '')) labels.pop()
  return (labels.at(-1) ?? '')
    .split('-')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
    .join(' ')
}
