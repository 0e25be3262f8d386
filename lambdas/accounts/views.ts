import type * as z from 'zod'
import type { Clocks } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { isKept } from '../../core/site/site.ts'
import { billingView } from '../billing/owner-api.ts'
import type { DomainStore } from '../domains/ports.ts'
import type { Lead } from '../leads/lead.ts'
import type { LeadStore } from '../leads/ports.ts'
import { reasonText } from '../leads/score-lead.ts'
import type { Session } from '../signup/signup.ts'
import { type SiteViewPorts, siteView } from '../sites/views.ts'
import type { WaitingList } from '../trials/ports.ts'
import { type Account, supportEntryOf } from './account.ts'
import type { accountExportSchema, accountViewSchema } from './answers.ts'
import { requireAccount } from './change-account.ts'
import { sitesOf } from './follow-closures.ts'
import type { AccountStore, SessionStore } from './ports.ts'
import { lastUseOf } from './session/session-life.ts'

export const accountView = (account: Account, email: string): z.infer<typeof accountViewSchema> => ({
  id: account.id,
  email,
  supportEntry: supportEntryOf(account),
  marketingConsent: account.marketing !== undefined,
  deletion: deletionView(account),
})

const deletionView = ({ closure }: Account) =>
  closure === undefined
    ? null
    : { requestedAt: closure.at, until: (closure.state === 'closed' ? closure.until : undefined) ?? null }

export interface AccountExportPorts extends SiteViewPorts {
  readonly accounts: AccountStore
  readonly sites: Pick<SiteStore, 'listByAccount'>
  readonly domains: Pick<DomainStore, 'listBySite'>
  readonly sessions: Pick<SessionStore, 'listOf'>
  readonly waitingList: Pick<WaitingList, 'find'>
  readonly leads: Pick<LeadStore, 'get'>
  readonly clocks: Clocks
}

const leadView = (lead: Lead | undefined): z.infer<typeof accountExportSchema>['lead'] =>
  lead === undefined
    ? null
    : {
        stage: lead.stage,
        score: lead.score,
        reasons: lead.reasons.map(reasonText),
        contactRequests: [...lead.contactRequests],
      }

/** Everything that is stored about a person and the account, without secrets. @throws {SitewrightError} `NotFound`. */
export const accountExport = async (
  ports: AccountExportPorts,
  { accountId, personId }: Session,
): Promise<z.infer<typeof accountExportSchema>> => {
  const now = ports.clocks.wall()
  const [account, person, sites, sessions, waiting, lead] = await Promise.all([
    requireAccount(ports, accountId),
    ports.accounts.getPerson(personId),
    sitesOf(ports.sites, accountId),
    ports.sessions.listOf(personId, now),
    ports.waitingList.find(accountId),
    ports.leads.get(accountId),
  ])
  const { company, attribution, language, marketing, mail, answers } = account
  const { offer, variant, createdAt, customerId, currency } = account
  return {
    exportedAt: now,
    person:
      person === undefined
        ? null
        : {
            id: person.id,
            email: person.email,
            name: person.name ?? null,
            timeZone: person.timeZone ?? null,
            termsAcceptedAt: person.termsAcceptedAt ?? null,
            createdAt: person.createdAt,
          },
    account: {
      id: account.id,
      company: company ?? null,
      attribution: attribution ?? null,
      language: language ?? null,
      mail: mail ?? null,
      marketing: marketing ?? null,
      answers: answers ?? null,
      offer: offer ?? null,
      variant: variant ?? null,
      createdAt,
      deletion: deletionView(account),
      supportEntry: supportEntryOf(account),
      customerId: customerId ?? null,
      currency: currency ?? null,
    },
    sites: await Promise.all(
      sites.map(async (site) => ({
        site: siteView(site, ports) ?? null,
        billing: billingView(site, account, { policies: ports.policies, now: ports.clocks.domain() }),
        domains: (await ports.domains.listBySite(site.id)).map(({ hostname, state, addedAt }) => ({
          hostname,
          state,
          addedAt,
        })),
        copies: isKept(site) ? site.archives.map(({ id, at, bytes }) => ({ id, at, bytes })) : [],
      })),
    ),
    sessions: sessions.map((session) => ({
      createdAt: session.createdAt,
      usedAt: lastUseOf(session),
      expiresAt: session.expiresAt,
      browser: session.place?.browser ?? null,
      network: session.place?.network ?? null,
    })),
    lead: leadView(lead),
    waitingList: waiting === undefined ? null : { joinedAt: waiting.joinedAt, status: waiting.status },
  }
}
