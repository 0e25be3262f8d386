import type { LeadEvent } from '../../core/events/event.ts'
import type { AccountId, PersonId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { actContext, findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { eventHead } from '../../core/site/lifecycle.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { type AdmitPorts, admitInWindow } from '../rate-limits/admit-in-window.ts'
import { type ContactRequest, type Lead, type LeadStore, newLead } from './lead.ts'
import type { LeadFacts, LeadPolicy } from './lead-facts.ts'
import { scoreLead } from './score-lead.ts'

export interface RequestContactPorts extends AdmitPorts, Pick<Context, 'clocks' | 'randomness'> {
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly leads: Pick<LeadStore, 'get' | 'save'>
  readonly leadPolicy: LeadPolicy
}

const maxRequests = 20
const requestsPerDay = 5

/** A lead of an account that had none yet: its first score counts only the sign-up. The next event brings the rest. */
const firstLead = (
  account: { readonly id: Lead['accountId']; readonly ownerId: Lead['personId']; readonly createdAt: Instant },
  policy: LeadPolicy,
  now: Instant,
): Lead => {
  const facts: LeadFacts = {
    signedUpAt: account.createdAt,
    isClosed: false,
    companyMail: false,
    sites: { live: 0, paid: 0, ended: 0 },
    extensions: 0,
    usage: [],
    contactRequests: { count: 0 },
    refusals: { count: 0 },
  }
  return {
    ...newLead,
    schemaVersion: 1,
    accountId: account.id,
    personId: account.ownerId,
    version: 0,
    ...scoreLead(facts, policy, now),
    stageSince: now,
    facts,
    scoredAt: now,
    read: {},
  }
}

/**
 * Notes that an owner wants to talk to sales. The event has sales mailed and the lead scored again.
 * @throws {SitewrightError} `NotFound`, `RateLimited`, `VersionConflict`.
 */
export const requestContact = async (
  ports: RequestContactPorts,
  act: OwnerAct,
  request: Pick<ContactRequest, 'topic' | 'message'>,
): Promise<void> => {
  const { leads, accounts, leadPolicy } = ports
  const { accountId } = act
  const { id: siteId } = await findOwnSite(ports, act)
  await admitInWindow(ports, {
    key: `contact-requests-${accountId}`,
    limit: requestsPerDay,
    milliseconds: 86_400_000,
    message: (wait) => `We have got your messages. You can send another one in ${wait}.`,
  })
  const event: Omit<LeadEvent & { type: 'ContactRequested' }, 'version'> = {
    ...eventHead(actContext(ports, act)),
    type: 'ContactRequested',
    aggregate: { type: 'lead', id: accountId },
    data: { siteId, topic: request.topic },
  }
  const { at, actor } = event
  await retryOnConflict('The contact request', async () => {
    const [known, account] = await Promise.all([leads.get(accountId), accounts.get(accountId)])
    const lead = known ?? (account && firstLead(account, leadPolicy, at))
    if (lead === undefined) return undefined
    const next = { ...lead, version: lead.version + 1, events: lead.events + 1 }
    const asked = { at, siteId, ...request, ...(actor.kind === 'owner' && { personId: actor.personId }) }
    const contactRequests = [asked, ...lead.contactRequests].slice(0, maxRequests)
    const isSaved = await leads.save({ ...next, contactRequests }, { ...event, version: next.events })
    return isSaved ? undefined : conflict
  })
}

/** Removes what a person has written to sales from the lead of an account. */
export const forgetRequests = (
  leads: RequestContactPorts['leads'],
  accountId: AccountId,
  personId: PersonId,
): Promise<void> =>
  retryOnConflict('The lead', async () => {
    const lead = await leads.get(accountId)
    const contactRequests = (lead?.contactRequests ?? []).filter((request) => request.personId !== personId)
    if (lead === undefined || contactRequests.length === lead.contactRequests.length) return undefined
    const isSaved = await leads.save({ ...lead, version: lead.version + 1, contactRequests })
    return isSaved ? undefined : conflict
  })
