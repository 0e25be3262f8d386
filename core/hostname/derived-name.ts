import { createHash } from 'node:crypto'

/** The purposes for which a site has a hostname of its own beside its usual one: `<slug>--<purpose>.<domain>`. */
export const purposes = ['content'] as const
export type Purpose = (typeof purposes)[number]

const separator = '--'

/** `shop--content.sites.example.com` for `shop.sites.example.com`. */
export const derivedHostname = (hostname: string, purpose: Purpose): string =>
  hostname.replace(/^[^.]+/, (slug) => `${slug}${separator}${purpose}`)

/** In characters: a DNS label may have 63, and the longest name that is derived from a rehearsal's needs some. */
const longestRehearsed = 63 - `${separator}rehearsal${separator}content`.length

/** The slug of the rehearsal of a site: a slug that is too long is cut, and its digest tells it from others. */
export const rehearsalSlug = (slug: string): string => {
  const digest = () => createHash('sha256').update(slug).digest('hex').slice(0, 12)
  const rehearsed = slug.length <= longestRehearsed ? slug : `${slug.slice(0, longestRehearsed - 13)}-${digest()}`
  return `${rehearsed}${separator}rehearsal`
}

/** In characters: what a slug leaves for the name of an environment, from whose hostname that of its content is derived. */
const longestEnvironment = (slug: string): number => 63 - `${slug}${separator}${separator}content`.length

const reservedEnvironments: readonly string[] = [...purposes, 'rehearsal', 'production']

export const environmentNameProblem = (name: string, slug: string): string | undefined => {
  if (reservedEnvironments.includes(name)) return 'is a name that Sitewright uses itself'
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name)) {
    return 'may hold only the letters a to z, digits and single hyphens between them'
  }
  const max = longestEnvironment(slug)
  return name.length > max ? `must have at most ${max} characters beside '${slug}'` : undefined
}

/** The name of the environment of a branch. One that is too long or has other characters is changed, and gets a digest that tells it from others. */
export const environmentOfBranch = (branch: string, slug: string): string => {
  if (environmentNameProblem(branch, slug) === undefined) return branch
  const digest = createHash('sha256').update(branch).digest('hex').slice(0, 6)
  const plain = branch.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const cut = plain.slice(0, Math.max(0, longestEnvironment(slug) - digest.length - 1))
  return [...cut.split('-'), digest].filter((part) => part !== '').join('-')
}

export const environmentNames = ({ slug, hostname }: { slug: string; hostname: string }, name: string) => ({
  slug: `${slug}${separator}${name}`,
  hostname: hostname.replace(/^[^.]+/, (label) => `${label}${separator}${name}`),
})

/** The hostname that this one is derived from, if its first label ends with a declared purpose. */
export const originalHostname = (hostname: string): string | undefined => {
  const [label = ''] = hostname.split('.', 1)
  const at = label.lastIndexOf(separator)
  const isDerived = at > 0 && purposes.some((purpose) => purpose === label.slice(at + separator.length))
  return isDerived ? label.slice(0, at) + hostname.slice(label.length) : undefined
}

/** The purpose for which a site is asked at this hostname; undefined at its usual one and at custom domains. */
export const purposeAt = (hostname: string, siteHostname: string): Purpose | undefined =>
  hostname === siteHostname
    ? undefined
    : purposes.find((purpose) => derivedHostname(siteHostname, purpose) === hostname)
