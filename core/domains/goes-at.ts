import type { Instant } from '../instant.ts'
import { plusMilliseconds } from '../instant.ts'
import type { CustomDomain, DomainIn } from './custom-domain.ts'
import { domainTimes } from './domain-times.ts'

/** When the records of a domain that was never verified are looked for no longer. */
export const dropsAt = ({ addedAt }: DomainIn<'pending'>): Instant =>
  plusMilliseconds(addedAt, domainTimes.pendingLasts)

/** When a domain goes unless it is verified by then; undefined where it stays. */
export const goesAt = (domain: CustomDomain): Instant | undefined => {
  if (domain.state === 'pending') return dropsAt(domain)
  return domain.state === 'releasing' ? domain.releaseAt : undefined
}
