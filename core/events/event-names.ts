import type { AccountId } from '../ids.ts'
import type { Actor } from './actor.ts'
import type { CustomDomainEvent, DomainEvent, SiteEvent } from './event.ts'

/** The actor of everything that the clock or a platform starts. */
export const system: Actor = { kind: 'system' }

export const eventSource = 'sitewright'

export const isCustomDomainEvent = (event: DomainEvent): event is CustomDomainEvent => event.aggregate.type === 'domain'

export const accountOf = ({ aggregate, data }: DomainEvent): AccountId | undefined => {
  if (aggregate.type === 'account' || aggregate.type === 'lead') return aggregate.id
  return 'accountId' in data ? data.accountId : undefined
}

export const isSiteEvent = (event: DomainEvent): event is SiteEvent => event.aggregate.type === 'site'

/** The events that change the status of a site, or say whose it is. */
export const siteStatusEvents = [
  'SiteRequested',
  'SiteOpened',
  'SiteFailed',
  'SiteClaimed',
  'PreparedSiteClaimed',
  'SiteFellAsleep',
  'SiteWoke',
  'SiteSuspended',
  'SiteResumed',
  'SiteArchived',
  'SiteRestored',
  'SitePurged',
] as const
