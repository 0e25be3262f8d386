import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { CustomDomain, DomainIn } from './custom-domain.ts'
import { domainTimes } from './domain-times.ts'

type Looked =
  | Pick<DomainIn<'pending'>, 'state' | 'addedAt'>
  | (Pick<CustomDomain, 'addedAt'> & { readonly state: 'verified' | 'failing' })
  | Pick<DomainIn<'releasing'>, 'state' | 'addedAt' | 'releaseAt'>

/** When a domain is looked at again of which everything is done that there is to do now. */
export const nextLookAt = (domain: Looked, now: Instant): Instant => {
  switch (domain.state) {
    case 'pending':
      return plusMilliseconds(now, domainTimes.pendingLook(Date.parse(now) - Date.parse(domain.addedAt)))
    case 'verified':
      return plusMilliseconds(now, domainTimes.verifiedLook)
    case 'failing':
      return plusMilliseconds(now, domainTimes.failingLook)
    case 'releasing': {
      const regular = plusMilliseconds(now, domainTimes.failingLook)
      return domain.releaseAt > now && domain.releaseAt < regular ? domain.releaseAt : regular
    }
  }
}
