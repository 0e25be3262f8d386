import type { PriceChoice } from '../../../core/ports/payments.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { dueStep, isDestructive } from '../../../core/site/next-step.ts'
import { isKept, isLive, type KeptSite, type Site } from '../../../core/site/site.ts'
import { archiveSite, beginArchiving } from '../../../lambdas/endings/archive-site.ts'
import { requestDeletion, revokeDeletion } from '../../../lambdas/endings/delete-site.ts'
import { beginSuspension, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { askGate } from '../../../lambdas/endings/gate.ts'
import { beginPurge, purgeSite } from '../../../lambdas/endings/purge-site.ts'
import { restoreSite } from '../../../lambdas/endings/restore-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { termsOfOwner } from '../../../lambdas/endings/resume-terms.ts'
import { remindOwner, skipNotices, warnOwner } from '../../../lambdas/trials/act-on-deadlines.ts'
import { archiveNumbered } from '../../core/site/kept-sites.ts'
import { samplePolicy as policy, samplePolicies } from '../sample-policy.ts'
import type { BillingScene } from './billing-scene.ts'

type SiteId = Site['id']

const endpoint = { host: '127.0.0.1', port: 42_000 }

/** A site on its way, and what may come in between any two steps of that. */
interface Going {
  readonly scene: BillingScene
  readonly id: SiteId
  readonly between: () => Promise<void>
}

const begun = (site: KeptSite, { scene }: Going) => {
  const context = scene.context()
  const step = dueStep(site, policy, scene.now())?.step
  if (step === 'suspend' && isLive(site)) return beginSuspension(site, context)
  if (step === 'archive' && site.status === 'suspended') return beginArchiving(site, context)
  return step === 'purge' && !isLive(site) ? beginPurge(site, context) : undefined
}

const decided = (site: Site, { scene }: Going) => {
  const context = scene.context()
  if (!isKept(site)) return undefined
  const { operation } = site
  if (isLive(site) && operation?.kind === 'suspend') {
    return suspendSite(site, { because: 'trial-ended' }, context)
  }
  if (site.status === 'suspended' && operation?.kind === 'archive') {
    const archive = { ...archiveNumbered(site.version), id: operation.archiveId, at: scene.now() }
    return archiveSite({ ...site, operation }, archive, context)
  }
  return !isLive(site) && operation?.kind === 'purge' ? purgeSite({ ...site, operation }, context) : undefined
}

/** Decided operations end, and restored sites run. */
const finish = async ({ scene, id }: Going): Promise<void> => {
  const site = scene.site(id)
  if (!(isKept(site) || site.status === 'purged') || site.operation === undefined) return
  const { operation } = site
  if (site.status === 'archived' && operation.kind === 'restore') {
    const restored = { ...site, operation }
    await scene.commit(restoreSite(restored, endpoint, [], scene.context()))
    return
  }
  const ends = { suspended: 'suspend', archived: 'archive', purged: 'purge', active: '', asleep: '' } as const
  if (ends[site.status] === operation.kind) await scene.commit(endOperation(site, 'done', scene.context()))
}

/** The gate, and what is done behind it: whatever lands between the two wins. */
const passGate = async (going: Going): Promise<void> => {
  const { scene, id, between } = going
  const site = scene.site(id)
  if (!isKept(site) || site.operation === undefined) return
  const step = { suspend: 'suspend', archive: 'archive', purge: 'purge' } as const
  const kind = site.operation.kind
  if (kind !== 'suspend' && kind !== 'archive' && kind !== 'purge') return
  const isDecided = (kind === 'suspend' && !isLive(site)) || (kind === 'archive' && site.status === 'archived')
  if (isDecided) return
  const gate = { billing: scene.billing, brake: { isOn: async () => false }, policies: samplePolicies }
  const verdict = await askGate(gate, site, step[kind], scene.now())
  await between()
  const change = verdict.isOpen
    ? decided(site, going)
    : endOperation(site, 'refused', scene.context(), { reprievedUntil: verdict.reprievedUntil })
  if (change !== undefined) await scene.commit(change)
}

const notice = (site: KeptSite, { scene }: Going) => {
  const due = dueStep(site, policy, scene.now())
  if (due === undefined || site.status === 'suspended' || site.operation !== undefined) return undefined
  if (isDestructive(due)) return skipNotices(site, policy, scene.context())
  if (!('daysBefore' in due)) return undefined
  return isLive(site)
    ? remindOwner(site, due.daysBefore, scene.context())
    : warnOwner(site, due.daysBefore, scene.context())
}

/** The next step of time with a site: a notice, or one removal, with its gate. */
export const passTime = async (going: Going): Promise<void> => {
  const { scene, id, between } = going
  await finish(going)
  for (let checks = 0; checks < 8; checks += 1) {
    const site = scene.site(id)
    if (!isKept(site) || site.operation !== undefined) break
    const change = begun(site, going)
    if (change !== undefined) {
      await scene.commit(change)
      await between()
      break
    }
    const told = notice(site, going)
    if (told === undefined || !(await scene.commit(told))) break
  }
  await passGate(going)
  await between()
  await finish(going)
}

/** The owner's own acts; where one does not fit, nothing is done. */
export const ownersActs = {
  delete: async ({ scene, id }: Going): Promise<void> => {
    const site = scene.site(id)
    if (!isKept(site)) return
    const deletion = { requestedAt: scene.now(), by: 'owner' as const }
    if (isLive(site)) {
      await scene.commit(suspendSite(site, { because: 'owner-deletion', deletion }, scene.context()))
    } else if (site.deletion === undefined && site.operation === undefined) {
      await scene.commit(requestDeletion(site, scene.context()))
    }
  },
  revoke: async ({ scene, id }: Going): Promise<void> => {
    const site = scene.site(id)
    if (!isKept(site) || isLive(site) || site.deletion?.by !== 'owner') return
    await scene.commit(revokeDeletion(site, scene.context()))
  },
  resume: async ({ scene, id }: Going): Promise<void> => {
    const site = scene.site(id)
    if (site.status !== 'suspended' || site.operation !== undefined) return
    try {
      await scene.commit(resumeSite(site, termsOfOwner(site, policy, scene.context()), policy, scene.context()))
    } catch {
      // It costs a plan.
    }
  },
} as const

export const prices: readonly PriceChoice[] = [
  { plan: 'starter', interval: 'month', currency: 'EUR' },
  { plan: 'growth', interval: 'month', currency: 'EUR' },
  { plan: 'growth', interval: 'year', currency: 'EUR' },
]
