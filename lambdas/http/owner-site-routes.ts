import type { Actor } from '../../core/events/event.ts'
import { isId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { ArchiveLinks } from '../../core/ports/archives.ts'
import type { Session } from '../../core/signup/signup.ts'
import type { OwnerAct } from '../../core/site/change-site.ts'
import { requireOwnSite } from '../../core/site/change-site.ts'
import type { CopyPorts } from '../../core/site/copy/request-copy.ts'
import { copyOwnSite } from '../../core/site/copy/request-copy.ts'
import { deleteOwnSite, extendOwnTrial, revokeOwnDeletion } from '../../core/site/end/act-on-site.ts'
import { resumeOwnSite } from '../../core/site/end/resume-site.ts'
import type { Site } from '../../core/site/site.ts'
import { isKept } from '../../core/site/site.ts'
import type { AuthenticationPorts } from '../_runtime/authenticate.ts'
import type { Answer, HttpRoute } from '../_runtime/endpoint.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import { archivesPage, requireArchive } from './archives-view.ts'
import { ownerOperations as operations } from './owner-operations.ts'
import type { SiteViewPorts } from './site-view.ts'
import { siteView } from './site-view.ts'

export interface OwnerSitePorts extends CopyPorts, AuthenticationPorts, SiteViewPorts {
  readonly plans: PlanCatalogue
  readonly archiveLinks: ArchiveLinks
}

export const ownerActor = ({ personId }: Session): Actor => ({ kind: 'owner', personId })

const ownSite = async ({ sites }: OwnerSitePorts, id: string, { accountId }: Session): Promise<Site> =>
  requireOwnSite(isId('site', id) ? await sites.get(id) : undefined, accountId)

const actOf = (siteId: string, { session, requestId }: { session: Session; requestId: string }): OwnerAct => ({
  siteId,
  accountId: session.accountId,
  actor: ownerActor(session),
  causationId: requestId,
})

/** What an owner does with a site, and with the copies of its data. */
export const ownerSiteRoutes = (ports: OwnerSitePorts): readonly HttpRoute[] => {
  /** 202 says that something goes on that takes its time. */
  const answer = (site: Site, status: 200 | 202 = 200): Answer => ({ status, body: siteView(site, ports) })

  return [
    ownerEndpoint(operations.getSite, ports, async ({ params }, { session }) =>
      answer(await ownSite(ports, params.id, session)),
    ),
    ownerEndpoint(operations.deleteSite, ports, async ({ params, body }, context) =>
      answer(await deleteOwnSite(ports, actOf(params.id, context), body.confirm)),
    ),
    ownerEndpoint(operations.revokeDeletion, ports, async ({ params }, context) =>
      answer(await revokeOwnDeletion(ports, actOf(params.id, context))),
    ),
    ownerEndpoint(operations.extendTrial, ports, async ({ params }, context) =>
      answer(await extendOwnTrial(ports, actOf(params.id, context))),
    ),
    ownerEndpoint(operations.resumeSite, ports, async ({ params }, context) => {
      const site = await resumeOwnSite(ports, actOf(params.id, context))
      return answer(site, site.status === 'archived' ? 202 : 200)
    }),
    ownerEndpoint(operations.copySite, ports, async ({ params, headers }, context) => {
      const idempotencyKey = headers['idempotency-key']
      const site = await copyOwnSite(ports, { ...actOf(params.id, context), idempotencyKey })
      const isUnderWay = isKept(site) && site.operation?.kind === 'copy'
      return { ...answer(site, isUnderWay ? 202 : 200), headers: { location: `/v1/sites/${site.id}/archives` } }
    }),
    ownerEndpoint(operations.listArchives, ports, async ({ params, query }, { session }) => ({
      status: 200,
      body: archivesPage(await ownSite(ports, params.id, session), query),
    })),
    ownerEndpoint(operations.linkToArchive, ports, async ({ params }, { session }) => {
      const site = await ownSite(ports, params.id, session)
      return { status: 200, body: await ports.archiveLinks.linkTo(site.id, requireArchive(site, params.archiveId).id) }
    }),
  ]
}
