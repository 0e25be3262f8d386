import { plusDays } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import type { ChangeContext, SiteChange } from '../../../core/site/lifecycle.ts'
import { isLive, type LiveSite, type Site } from '../../../core/site/site.ts'
import { requireAvailableToOwner } from '../../../lambdas/billing/purchase/purchase-terms.ts'
import { archiveOf } from '../../../lambdas/endings/archive-site.ts'
import { beginSwap } from '../../../lambdas/releases/swap/begin-swap.ts'
import { moveOver, noteCopy, type SwappingSite } from '../../../lambdas/releases/swap/swap-changes.ts'
import { beginSwitchBack } from '../../../lambdas/relocations/begin-relocation.ts'
import { noteForecast } from '../../../lambdas/relocations/note-rehearsal.ts'
import {
  acceptRelocation,
  changeContract,
  confirmRelocation,
  draftRelocation,
  planWaitsUntil,
} from '../../../lambdas/relocations/relocation-changes.ts'
import { samplePolicy as policy } from '../sample-policy.ts'
import type { BillingScene } from './billing-scene.ts'

const endpoint = { host: '127.0.0.1', port: 42_001 }
const size = { cpu: 1, memoryMiB: 2048, processes: 512 }
const done = { bytes: 1, files: 1 }
const target = { plan: 'enterprise' }

export interface Going {
  readonly scene: BillingScene
  readonly id: Site['id']
  readonly between: () => Promise<void>
  readonly chance: (percent: number) => boolean
}

type Decide<Present> = (site: Present, context: ChangeContext) => SiteChange | undefined

/** Commits a change of the site as it is now, again if something else came first. Nothing is done where it does not fit. */
export const commit = async <Present extends Site>(
  { scene, id }: Going,
  isIt: (site: Site) => site is Present,
  decide: Decide<Present>,
): Promise<void> => {
  for (let isDone = false; !isDone; ) {
    const site = scene.site(id)
    const change = isIt(site) ? decide(site, scene.context()) : undefined
    isDone = change === undefined || (await scene.commit(change))
  }
}

const isIdle = (site: Site): site is LiveSite => isLive(site) && site.operation === undefined
const isSwapping = (site: Site): site is SwappingSite => site.status === 'active' && site.operation?.kind === 'upgrade'

const agree = async (going: Going): Promise<void> => {
  const now = going.scene.now()
  const window = { from: plusDays(now, 1), until: plusDays(now, 2), timeZone: 'UTC' }
  const contract = { number: '4711', firstDay: '2026-03-01', lastDay: '2027-03-01' }
  const draft = { target, window, confirmDays: 14, ...(going.chance(70) && { contract }) }
  await commit(going, isIdle, (site, context) => draftRelocation(site, draft, 'op_1', context))
  await commit(going, isIdle, (site, context) => noteForecast(site, { ...site, target, seconds: 60, at: now }, context))
  await going.between()
  await commit(going, isIdle, (site, context) => {
    const { revision = 0, state } = site.relocation ?? {}
    const acceptance = { revision, personId: 'prsn_01jq3v5k8m0000000000000000' } as const
    return state === 'draft' ? acceptRelocation(site, acceptance, policy, context) : undefined
  })
}

/** What the workflow does where all goes well: somebody may pay, or Stripe may say something, between any two steps. */
const switchOver = async (going: Going): Promise<void> => {
  await commit(going, isIdle, (site, context) => {
    if (site.relocation?.switched !== undefined) return beginSwitchBack(site, 'A test.', context)
    if (site.relocation?.state !== 'accepted') return undefined
    return beginSwap(site, { target, copies: true, runs: false, relocates: true }, context)
  })
  await going.between()
  await finishSwitch(going)
}

/** The rest of it. There is no copy of a cell that is lost. */
export const finishSwitch = async (going: Going): Promise<void> => {
  const { scene, between } = going
  await commit(going, isSwapping, (site, context) => noteCopy(site, done, context))
  await between()
  await commit(going, isSwapping, (site, context) => {
    const archive = site.operation.copy?.isLost ? undefined : archiveOf(site, done, scene.now())
    return moveOver(site, { endpoint, launch: { blueprint: {}, size }, ...(archive && { archive }) }, context)
  })
  await commit(going, isSwapping, (site, context) => endOperation(site, 'done', context))
}

const endContract = (going: Going): Promise<void> =>
  commit(going, isIdle, (site, context) => changeContract(site, { contract: null }, context))

/** The next step of a relocation of a site, or the end of its contract. @returns what its owner may do about the plan, and may not. */
export const relocate = async (going: Going): Promise<readonly string[]> => {
  const { scene, id, chance } = going
  const site = scene.site(id)
  if (!isIdle(site)) return []
  if (site.contract !== undefined) {
    if (chance(30)) await endContract(going)
    return []
  }
  if (site.relocation === undefined || site.relocation.state === 'draft') await agree(going)
  else if (site.relocation.switched === undefined || chance(40)) await switchOver(going)
  else
    await commit(going, isIdle, (found, context) =>
      found.relocation?.switched && planWaitsUntil(found, context) === undefined
        ? confirmRelocation(found, {}, context)
        : undefined,
    )
  const after = scene.site(id)
  const { contract, relocation: { state = 'draft' } = {} } = isLive(after) ? after : {}
  const isBound = isLive(after) && (contract !== undefined || state === 'accepted' || state === 'switched')
  return isBound && mayChoose(after) ? [`the owner of ${id} may change the plan that was agreed on`] : []
}

const mayChoose = (site: LiveSite): boolean => {
  try {
    requireAvailableToOwner(site)
    return true
  } catch {
    return false
  }
}
