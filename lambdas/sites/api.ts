import { defined } from '../../core/defined.ts'
import { isErrorOfKind } from '../../core/errors.ts'
import type { PersonId } from '../../core/ids.ts'
import type { ArchiveLinks } from '../../core/ports/archives.ts'
import { findOwnSite } from '../../core/site/change-site.ts'
import { type HistoryEntry, ownerHistory } from '../../core/site/owner-history.ts'
import { isKept, type Site } from '../../core/site/site.ts'
import { type ActEndpointPorts, actEndpoint, actOf, ownerActor } from '../_runtime/act-endpoint.ts'
import type { Answer } from '../_runtime/answer.ts'
import { type HttpRoute, ownerEndpoint } from '../_runtime/endpoint.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { openInvited } from '../accounts/account.ts'
import { type AccountRoutePorts, accountRoutes } from '../accounts/api.ts'
import { changeAccount } from '../accounts/change-account.ts'
import { requireOpenAccount } from '../accounts/close-account.ts'
import { type SessionRoutePorts, sessionRoutes } from '../accounts/session/api.ts'
import type { Session } from '../accounts/session/session-facts.ts'
import { isReached } from '../accounts/team/rights.ts'
import { type BillingRoutePorts, billingRoutes } from '../billing/owner-api.ts'
import { requireAllowance } from '../deployments/allowance.ts'
import { type DomainRoutePorts, domainRoutes } from '../domains/api.ts'
import { deleteOwnSite, revokeOwnDeletion } from '../endings/act-on-site.ts'
import { copyOwnSite } from '../endings/copy/begin-copies.ts'
import { resumeOwnSite } from '../endings/resume-site.ts'
import { type RequestContactPorts, requestContact } from '../leads/request-contact.ts'
import type { HeldOffer } from '../offers/offer.ts'
import type { Offers } from '../offers/offers.ts'
import { offerOfRequest } from '../offers/session-offer.ts'
import { type OpenEntrancePorts, openEntrance } from '../operators/entrance/open-entrance.ts'
import { ownerRehearsalRoutes } from '../rehearsals/api.ts'
import { type RestoreCopyPorts, restoreOwnCopy } from '../releases/restore-copy.ts'
import { acceptOwnRelocation, type DraftPorts } from '../relocations/act-on-relocation.ts'
import { type UsageViewPorts, usageView } from '../reports/usage/view.ts'
import { extendOwnTrial } from '../trials/extend-trial.ts'
import { changeOwnSettings, chooseProtection } from './change-settings.ts'
import { type CreateSite, type CreateSitePorts, createSite, createUnderAllowance } from './claim/create-site.ts'
import { retryOwnHandOver } from './hand-over/hand-over-site.ts'
import { archiveName, archivesPage, historyView, requireArchive } from './list-views.ts'
import { ownerOperations as operations } from './operations.ts'
import { createBuildEstimates } from './pool/build-times.ts'
import { summaryRoutes } from './summary/api.ts'
import type { ShareSummaryPorts } from './summary/share-summary.ts'
import { type SiteViewPorts, siteView } from './views.ts'

export type OwnerSitePorts = RestoreCopyPorts &
  DraftPorts &
  ActEndpointPorts &
  SiteViewPorts &
  UsageViewPorts &
  RequestContactPorts &
  OpenEntrancePorts & { readonly offers: Offers; readonly archiveLinks: ArchiveLinks }

const ownSite = (ports: OwnerSitePorts, siteId: string, { accountId }: Session): Promise<Site> =>
  findOwnSite(ports, { siteId, accountId })

/** Names the people in a site's history, but for the one who reads it. */
const namesOf = async (accounts: OwnerSitePorts['accounts'], reader: PersonId, told: readonly HistoryEntry[]) => {
  const ids = new Set(told.flatMap(({ personId }) => (personId === undefined || personId === reader ? [] : [personId])))
  const people = await Promise.all([...ids].map(async (id) => [id, (await accounts.getPerson(id))?.email] as const))
  const known = new Map(people)
  return ({ personId }: HistoryEntry): string | undefined => personId && known.get(personId)
}

export const ownerSiteRoutes = (ports: OwnerSitePorts): readonly HttpRoute[] => {
  const estimateOf = createBuildEstimates(ports.sites, ports.clocks)
  /** 202 means that an operation has started. */
  const answer = (site: Site, status: 200 | 202 = 200): Answer => ({ status, body: siteView(site, ports) })

  return [
    ownerEndpoint(operations.getSite, ports, async ({ params }, { session }) => {
      const site = await ownSite(ports, params.id, session)
      const estimate = site.status === 'building' ? await estimateOf(site.blueprint.name) : undefined
      return { body: siteView(site, ports, estimate) }
    }),
    actEndpoint(operations.changeSite, ports, async ({ params, body }, context) =>
      answer(await changeOwnSettings(ports, actOf(params.id, context), body)),
    ),
    actEndpoint(operations.chooseProtection, ports, async ({ params, body }, context) =>
      answer(await chooseProtection(ports, actOf(params.id, context), body.ownersOnly)),
    ),
    ownerEndpoint(operations.deleteSite, ports, async ({ params, body }, context) =>
      answer(await deleteOwnSite(ports, actOf(params.id, context), body.confirm)),
    ),
    actEndpoint(operations.revokeDeletion, ports, async ({ params }, context) =>
      answer(await revokeOwnDeletion(ports, actOf(params.id, context))),
    ),
    actEndpoint(operations.extendTrial, ports, async ({ params }, context) =>
      answer(await extendOwnTrial(ports, actOf(params.id, context))),
    ),
    actEndpoint(operations.resumeSite, ports, async ({ params }, context) => {
      const site = await resumeOwnSite(ports, actOf(params.id, context))
      return answer(site, site.status === 'archived' ? 202 : 200)
    }),
    actEndpoint(operations.openEntrance, ports, async ({ params }, { session }) => ({
      status: 201,
      body: await openEntrance(ports, params.id, session),
    })),
    actEndpoint(operations.handOverSite, ports, async ({ params }, context) =>
      answer(await retryOwnHandOver(ports, actOf(params.id, context)), 202),
    ),
    actEndpoint(operations.copySite, ports, async ({ params, headers }, context) => {
      const idempotencyKey = headers['idempotency-key']
      const site = await copyOwnSite(ports, { ...actOf(params.id, context), idempotencyKey })
      const isUnderWay = isKept(site) && site.operation?.kind === 'copy'
      return { ...answer(site, isUnderWay ? 202 : 200), headers: { location: `/v1/sites/${site.id}/archives` } }
    }),
    actEndpoint(operations.restoreArchive, ports, async ({ params: { id, archiveId }, headers }, context) => {
      const idempotencyKey = headers['idempotency-key']
      const site = await restoreOwnCopy(ports, { ...actOf(id, context), idempotencyKey }, archiveId)
      const isUnderWay = isKept(site) && site.operation?.kind === 'upgrade'
      return { ...answer(site, isUnderWay ? 202 : 200), headers: { location: `/v1/sites/${site.id}/archives` } }
    }),
    actEndpoint(operations.acceptRelocation, ports, async ({ params, body: { revision } }, context) => {
      const { personId } = context.session
      return answer(await acceptOwnRelocation(ports, actOf(params.id, context), { revision, personId }))
    }),
    actEndpoint(operations.requestContact, ports, async ({ params, body }, context) => {
      await requestContact(ports, actOf(params.id, context), body)
      return { status: 204 }
    }),
    ownerEndpoint(operations.getUsage, ports, async ({ params, query }, { session }) => {
      const site = await ownSite(ports, params.id, session)
      return { body: await usageView(ports, site, query) }
    }),
    ownerEndpoint(operations.getHistory, ports, async ({ params, query: { limit, cursor } }, { session }) => {
      const site = await ownSite(ports, params.id, session)
      const page = await ports.siteLists.pageOfEvents(site.id, { limit, ...defined({ cursor }) })
      const told = ownerHistory(page.items, session.accountId)
      const nameOf = await namesOf(ports.accounts, session.personId, told)
      const entries = told.map((entry) => historyView(entry, nameOf(entry)))
      return { body: { entries, ...defined({ cursor: page.cursor }) } }
    }),
    ownerEndpoint(operations.listArchives, ports, async ({ params, query }, { session }) => ({
      body: archivesPage(await ownSite(ports, params.id, session), query, ports),
    })),
    ownerEndpoint(operations.linkToArchive, ports, async ({ params }, { session }) => {
      const site = await ownSite(ports, params.id, session)
      const archive = requireArchive(site, params.archiveId)
      const body = await ports.archiveLinks.linkTo(site.id, archive.id, archiveName(site, archive))
      return { body }
    }),
  ]
}

export type OwnerApiPorts = CreateSitePorts &
  OwnerSitePorts &
  BillingRoutePorts &
  Omit<DomainRoutePorts, 'sites'> &
  AccountRoutePorts &
  SessionRoutePorts &
  ShareSummaryPorts

/** @throws {SitewrightError} `Forbidden` for an account without an allowance. */
const createOwn = async (ports: OwnerApiPorts, command: CreateSite): Promise<Site> => {
  const account = await requireOpenAccount(ports, command.accountId)
  return createUnderAllowance(ports, command, requireAllowance(account))
}

/** 201 promises a site that answers. The site of an earlier request with the same key may have changed since. */
const creationStatus = ({ status }: Site): number => {
  if (status === 'active') return 201
  return status === 'building' ? 202 : 200
}

export const create = (ports: OwnerApiPorts) =>
  httpHandler(
    [
      ...sessionRoutes(ports),
      ownerEndpoint(operations.createSite, ports, async ({ body, headers }, { requestId, session }) => {
        const { software, offer, variant, ...asked } = body
        let held: HeldOffer = session
        // Before the site: whatever follows it counts the account. Only its holder's own session knows whether it is opened.
        if (session.invited || session.token || session.rank !== 'holder') {
          const context = { ...ports, actor: ownerActor(session), causationId: requestId }
          const account = await changeAccount(ports, session.accountId, (found) => openInvited(found, context))
          if (session.rank !== 'holder') held = account
        }
        const command = {
          ...asked,
          blueprintOfSignup: session.blueprint,
          ...(await offerOfRequest(ports, { offer, variant }, held, () => ports.accounts.get(session.accountId))),
          accountId: session.accountId,
          actor: ownerActor(session),
          causationId: requestId,
          idempotencyKey: headers['idempotency-key'],
        }
        const create = software === 'own' ? createOwn(ports, command) : createSite(ports, command)
        const site = await create.catch(async (error: unknown) => {
          // The commit refuses a closed account as one whose trial is used: no request has to read the account first.
          if (isErrorOfKind(error, 'TrialAlreadyUsed')) await requireOpenAccount(ports, session.accountId)
          throw error
        })
        return {
          status: creationStatus(site),
          headers: { location: `/v1/sites/${site.id}` },
          body: siteView(site, ports),
        }
      }),
      ownerEndpoint(operations.listSites, ports, async ({ query: { limit, cursor } }, { session }) => {
        const page = await ports.sites.listByAccount(session.accountId, { limit, ...defined({ cursor }) })
        const reached = page.items.filter((site) => isReached(session.token, site))
        const sites = reached.flatMap((site) => siteView(site, ports) ?? [])
        return { body: { sites, ...defined({ cursor: page.cursor }) } }
      }),
      ...accountRoutes(ports),
      ...ownerSiteRoutes(ports),
      ...billingRoutes(ports),
      ...domainRoutes(ports),
      ...ownerRehearsalRoutes(ports),
      ...summaryRoutes(ports),
    ],
    ports,
  )
