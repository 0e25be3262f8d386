import type { Language } from '../settings.ts'

/**
 * Makes a slug from a name: `Café Zoë & Söhne` gives `cafe-zoe-sohne`, and in German `cafe-zoe-soehne`. Empty if no character is usable.
 */
export const suggestSlug = (name: string, language: Language): string => {
  const composed = name.normalize('NFC')
  const written = language === 'de' ? composed.replace(/[äöü]/gi, '$&e') : composed
  const slug = written
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

/** Large providers whose names are long enough that one slip makes no other provider. */
const providers = [
  'gmail.com',
  'googlemail.com',
  'hotmail.com',
  'outlook.com',
  'icloud.com',
  'yahoo.com',
  'protonmail.com',
  't-online.de',
  'freenet.de',
]

const endings = new Map([
  ['con', 'com'],
  ['cmo', 'com'],
  ['ocm', 'com'],
  ['vom', 'com'],
  ['comm', 'com'],
])

/** Whether one letter is missing, added or wrong, or two have changed places. The first letter is right: `email.com` exists. */
const isOneSlip = (typed: string, meant: string): boolean => {
  let same = 0
  while (same < typed.length && typed[same] === meant[same]) same += 1
  if (same === 0) return false
  const [left, right] = [typed.slice(same), meant.slice(same)]
  const isSwapped = left[0] === right[1] && left[1] === right[0] && left.slice(2) === right.slice(2)
  return left.slice(1) === right || left === right.slice(1) || left.slice(1) === right.slice(1) || isSwapped
}

/** The address that somebody probably meant; undefined if its domain looks right. */
export const addressMeant = (address: string): string | undefined => {
  const at = address.lastIndexOf('@') + 1
  const domain = address.slice(at).toLowerCase()
  const dot = domain.lastIndexOf('.') + 1
  const ended = `${domain.slice(0, dot)}${endings.get(domain.slice(dot)) ?? domain.slice(dot)}`
  const meant = providers.includes(ended) ? ended : (providers.find((known) => isOneSlip(ended, known)) ?? ended)
  return at === 0 || meant === domain ? undefined : `${address.slice(0, at)}${meant}`
}

/** In lower case and with the domain in ASCII, as the API keeps it: some browsers leave `müller.de` as it was typed. */
const comparable = (email: string): string => {
  const lower = email.trim().toLowerCase()
  const at = lower.lastIndexOf('@') + 1
  return `${lower.slice(0, at)}${new URL(`http://${lower.slice(at)}`).hostname}`
}

export const isSameAddress = (one: string, other: string): boolean => comparable(one) === comparable(other)
