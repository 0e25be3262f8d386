import type * as z from 'zod'
import { refuse } from '../../core/errors.ts'
import { type AccountId, isId } from '../../core/ids.ts'
import { findOwnSite, actOf as staffAct } from '../../core/site/change-site.ts'
import { isRehearsal } from '../../core/site/rehearsal.ts'
import { isKept, isLive, ownershipOf, type Site } from '../../core/site/site.ts'
import { type ActEndpointPorts, actEndpoint } from '../_runtime/act-endpoint.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint, ownerEndpoint } from '../_runtime/endpoint.ts'
import { keepEntrance, type OpenEntrancePorts, viewerOf } from '../operators/entrance/open-entrance.ts'
import { waitsForCopy } from '../sites/build/request-build.ts'
import type { operatorRehearsalSchema, ownerRehearsalSchema } from './answers.ts'
import { type BeginRehearsalPorts, beginRehearsal, freshArchive, rehearsalOf } from './begin-rehearsal.ts'
import { operatorRehearsalOperations, ownerRehearsalOperations } from './operations.ts'
import { findRehearsal, type RehearsalSite, rehearsalNames, resultOf } from './rehearsal.ts'

const resultView = (site: RehearsalSite) => {
  const { status, startedAt, endedAt = null, durations, reason = null } = resultOf(site)
  const isWaiting = site.status === 'building' && waitsForCopy(site)
  const { until } = site.rehearsalOf
  const shown = isWaiting ? ('waiting' as const) : status
  return { status: shown, startedAt, endedAt, durations, reason, isOpen: isLive(site), until }
}

const staffView = (site: RehearsalSite) => {
  const { archiveId = null, target } = site.rehearsalOf
  return { ...resultView(site), id: site.id, archiveId, target, cause: resultOf(site).cause ?? null }
}

const operatorView = (
  original: Site,
  rehearsal: RehearsalSite | undefined,
  now: string,
): z.input<typeof operatorRehearsalSchema> => {
  const copy = isKept(original) ? original.archives.find(({ kind }) => kind === 'owner') : undefined
  return {
    rehearsal: rehearsal === undefined ? null : staffView(rehearsal),
    copiesFirst: isLive(original) && freshArchive(original, now) === undefined,
    lastCopy: copy === undefined ? null : { at: copy.at, pausedMilliseconds: copy.pausedMilliseconds ?? null },
  }
}

export type OperatorRehearsalPorts = BeginRehearsalPorts & OperatorPorts

export const operatorRehearsalRoutes = (ports: OperatorRehearsalPorts): readonly HttpRoute[] => {
  const { operatorGetRehearsal, operatorRehearse } = operatorRehearsalOperations
  return [
    operatorEndpoint(operatorGetRehearsal, ports, async ({ params }) => {
      const { original, rehearsal } = await rehearsalOf(ports, params.id)
      return { body: operatorView(original, rehearsal, ports.clocks.domain()) }
    }),
    operatorEndpoint(operatorRehearse, ports, async ({ params, body }, context) => {
      const now = ports.clocks.domain()
      const { original, rehearsal } = await beginRehearsal(ports, staffAct(params.id, context), body)
      return { status: 202, body: operatorView(original, rehearsal, now) }
    }),
  ]
}

export type OwnerRehearsalPorts = OpenEntrancePorts & ActEndpointPorts & Pick<BeginRehearsalPorts, 'sites'>

/** The rehearsal that an owner names: by its original, or by its own id, because the original may be in another installation. */
const ownRehearsal = async (
  ports: OwnerRehearsalPorts,
  own: { readonly siteId: string; readonly accountId: AccountId },
): Promise<Site | undefined> => {
  const named = isId('site', own.siteId) ? await ports.sites.get(own.siteId) : undefined
  const isOwn = named !== undefined && isRehearsal(named) && ownershipOf(named)?.accountId === own.accountId
  return isOwn ? named : findRehearsal(ports, await findOwnSite(ports, own))
}

export const ownerRehearsalRoutes = (ports: OwnerRehearsalPorts): readonly HttpRoute[] => {
  const { getRehearsal, enterRehearsal } = ownerRehearsalOperations
  return [
    ownerEndpoint(getRehearsal, ports, async ({ params }, { session }) => {
      const original = await findOwnSite(ports, { siteId: params.id, accountId: session.accountId })
      const found = await findRehearsal(ports, original)
      const url = ports.siteUrl(rehearsalNames(original)?.hostname ?? '')
      const rehearsal = found === undefined ? null : { ...resultView(found), url }
      return { body: { rehearsal } satisfies z.input<typeof ownerRehearsalSchema> }
    }),
    actEndpoint(enterRehearsal, ports, async ({ params }, { session }) => {
      const found = await ownRehearsal(ports, { siteId: params.id, accountId: session.accountId })
      if (!isLive(found)) return refuse('This site has no rehearsal to enter now.')
      return { status: 201, body: await keepEntrance(ports, found, await viewerOf(ports, session)) }
    }),
  ]
}
