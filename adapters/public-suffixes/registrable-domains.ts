import type { RegistrableDomains } from '../../core/ports/domains.ts'

/**
 * The Public Suffix List as the package `tldts` carries it, its private part included: below `github.io` live strangers. It is
 * read when first asked for, since few requests need it.
 */
export const createRegistrableDomains = (): RegistrableDomains => ({
  of: async (hostname) => {
    const { getDomain } = await import('tldts')
    return getDomain(hostname, { allowPrivateDomains: true }) ?? undefined
  },
})
