import type * as z from 'zod'
import type { PersonId } from '../../core/ids.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { isKept } from '../../core/site/site.ts'
import { actEndpoint, ownerActor } from '../_runtime/act-endpoint.ts'
import type { Answer } from '../_runtime/answer.ts'
import { type HttpRoute, type OwnerPorts, ownerEndpoint } from '../_runtime/endpoint.ts'
import { billingView } from '../billing/owner-api.ts'
import type { DomainStore } from '../domains/ports.ts'
import type { Lead, LeadStore } from '../leads/lead.ts'
import { reasonText } from '../leads/score-lead.ts'
import { type SiteViewPorts, siteView } from '../sites/views.ts'
import type { WaitingEntry, WaitingList } from '../trials/waiting-list/waiting-entry.ts'
import { type Account, chooseMarketing, chooseSupportEntry, type Person, supportEntryOf } from './account.ts'
import type { accountExportSchema, accountViewSchema } from './answers.ts'
import { changeAccount, requireAccount } from './change-account.ts'
import { type CloseAccountPorts, closeOwnAccount, reopenOwnAccount, requireOpenAccount } from './close-account.ts'
import { everySiteOf } from './follow-closures.ts'
import { accountOperations as operations } from './operations.ts'
import type { AccountStore, SessionStore } from './ports.ts'
import type { Session } from './session/session-facts.ts'
import { sessionFacts } from './session/views.ts'
import type { TeamStore } from './team/team.ts'

const accountView = (account: Account, email: string): z.infer<typeof accountViewSchema> => ({
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

interface AccountExportPorts extends SiteViewPorts, Pick<Context, 'clocks'> {
  readonly accounts: AccountStore
  readonly sites: Pick<SiteStore, 'listByAccount' | 'listEnvironments'>
  readonly domains: Pick<DomainStore, 'listBySite'>
  readonly sessions: Pick<SessionStore, 'listOf'>
  readonly waitingList: Pick<WaitingList, 'find'>
  readonly leads: Pick<LeadStore, 'get'>
  readonly team: Pick<TeamStore, 'accountsOf' | 'member'>
}

/** What others may see in their accounts of a person. */
const membershipsOf = async (team: AccountExportPorts['team'], personId: PersonId) => {
  const found = await Promise.all((await team.accountsOf(personId)).map((id) => team.member(id, personId)))
  return found.flatMap((member) =>
    member ? [{ accountId: member.accountId, role: member.role, since: member.since }] : [],
  )
}

const personView = (person: Person | undefined): z.infer<typeof accountExportSchema>['person'] => {
  if (person === undefined) return null
  const { id, email, name = null, timeZone = null, termsAcceptedAt = null, createdAt } = person
  return { id, email, name, timeZone, termsAcceptedAt, createdAt }
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

const waitingView = ({ joinedAt, status, blueprint, offer }: WaitingEntry) => ({
  joinedAt,
  status,
  blueprint,
  offer: offer ?? null,
})

/** Everything that is stored about a person and the account, without secrets. @throws {SitewrightError} `NotFound`. */
const accountExport = async (
  ports: AccountExportPorts,
  { accountId, personId }: Session,
): Promise<z.infer<typeof accountExportSchema>> => {
  const now = ports.clocks.wall()
  const [account, person, sites, sessions, waiting, lead, memberships] = await Promise.all([
    requireAccount(ports, accountId),
    ports.accounts.getPerson(personId),
    everySiteOf(ports.sites, accountId),
    ports.sessions.listOf(personId, now),
    ports.waitingList.find(accountId),
    ports.leads.get(accountId),
    membershipsOf(ports.team, personId),
  ])
  const { id, company = null, attribution = null, language = null, mail = null, marketing = null } = account
  const { answers = null, offer = null, variant = null, createdAt, customerId = null, currency = null } = account
  return {
    exportedAt: now,
    person: personView(person),
    account: {
      ...{ id, company, attribution, language, mail, marketing, answers, offer, variant, createdAt },
      deletion: deletionView(account),
      supportEntry: supportEntryOf(account),
      ...{ customerId, currency },
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
    memberships,
    sessions: sessions.map(sessionFacts),
    lead: leadView(lead),
    waitingList: waiting === undefined ? null : waitingView(waiting),
  }
}

export type AccountRoutePorts = CloseAccountPorts & AccountExportPorts & OwnerPorts

export const accountRoutes = (ports: AccountRoutePorts): readonly HttpRoute[] => {
  const answer = (account: Account, { email }: Session, status: 200 | 202 = 200): Answer => ({
    status,
    body: accountView(account, email),
  })
  const actOf = ({ session, requestId }: { session: Session; requestId: string }) => ({
    accountId: session.accountId,
    email: session.email,
    actor: ownerActor(session),
    causationId: requestId,
  })
  return [
    ownerEndpoint(operations.getAccount, ports, async (_input, { session }) =>
      answer(await requireAccount(ports, session.accountId), session),
    ),
    actEndpoint(operations.changeAccount, ports, async ({ body }, context) => {
      const act = actOf(context)
      const account = await changeAccount(ports, act.accountId, (found) =>
        chooseSupportEntry(found, body.supportEntry, { ...ports, ...act }),
      )
      return answer(account, context.session)
    }),
    // A closed account can withdraw its consent too.
    ownerEndpoint(operations.chooseMarketing, ports, async ({ body: { text } }, context) => {
      const act = actOf(context)
      if (text !== null) await requireOpenAccount(ports, act.accountId)
      const account = await changeAccount(ports, act.accountId, (found) =>
        chooseMarketing(found, text ?? undefined, { ...ports, ...act }),
      )
      return answer(account, context.session)
    }),
    ownerEndpoint(operations.closeAccount, ports, async ({ body }, context) =>
      answer(await closeOwnAccount(ports, actOf(context), body.confirm), context.session, 202),
    ),
    ownerEndpoint(operations.reopenAccount, ports, async (_input, context) =>
      answer(await reopenOwnAccount(ports, actOf(context)), context.session),
    ),
    ownerEndpoint(operations.exportAccount, ports, async (_input, { session }) => ({
      headers: { 'content-disposition': 'attachment; filename="my-data.json"' },
      body: await accountExport(ports, session),
    })),
  ]
}
