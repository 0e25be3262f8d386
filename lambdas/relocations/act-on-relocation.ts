import { refuse, refuseField } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import {
  type Act,
  type ActPorts,
  actContext,
  changeNamedSite,
  changeOwnSite,
  type OwnerAct,
  operateOnSite,
  requireKept,
  requireSite,
} from '../../core/site/change-site.ts'
import { refuseEnvironment } from '../../core/site/environment.ts'
import type { Target } from '../../core/site/operation.ts'
import type { Relocation, RelocationWindow } from '../../core/site/relocation.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import { type RoomPorts, readCells } from '../sites/cells/place-sites.ts'
import { beginSwitchBack, requireTarget, type TargetPorts, targetProblem } from './begin-relocation.ts'
import {
  acceptRelocation,
  changeContract,
  confirmRelocation,
  draftRelocation,
  type RelocationDraft,
  withdrawRelocation,
} from './relocation-changes.ts'
import { sideAhead } from './switch-sides.ts'
import { type LocalWindow, windowOf } from './window.ts'

const requireLive = (site: Site): LiveSite => {
  const kept = requireKept(site)
  refuseEnvironment(site, 'is not relocated')
  if (isLive(kept)) return kept
  return refuse(`This is not possible while the site is ${site.status}.`)
}

/** The people of an account have to look at each of its sites. @throws {SitewrightError} `InvalidRequest` if another one is relocated in the window. */
const requireNoOverlap = async (
  { sites }: Pick<ActPorts, 'sites'>,
  { id, ownership }: LiveSite,
  { from, until }: RelocationWindow,
): Promise<void> => {
  const other = (await sitesOf(sites, ownership.accountId)).find(
    (site) =>
      site.id !== id &&
      isLive(site) &&
      site.relocation !== undefined &&
      site.relocation.switched === undefined &&
      site.relocation.window.from < until &&
      from < site.relocation.window.until,
  )
  if (other !== undefined)
    refuseField('window.from', `The window overlaps that of ${other.id}, which has the same owner.`)
}

/** Whether a plan by agreement would come without a contract: a subscription would be renewed beside it for ever. */
const lacksContract = (
  { plans }: Pick<TargetPorts, 'plans'>,
  site: LiveSite,
  { target: { plan = site.plan }, contract }: Pick<RelocationDraft, 'target'> & Pick<Draft, 'contract'>,
): boolean => plan !== site.plan && plans.find(plan).kind === 'enterprise' && !(contract ?? site.contract)

export interface DraftPorts extends ActPorts, TargetPorts {}

interface Draft extends Pick<RelocationDraft, 'target' | 'confirmDays'> {
  readonly window?: LocalWindow | undefined
  readonly contract?: RelocationDraft['contract'] | null
  readonly reason?: string | undefined
}

/**
 * Plans a relocation, or changes the plan. Without a window, it changes the contract of the site at once.
 * @throws {SitewrightError} `NotFound`; `InvalidRequest` for a window, target or contract that cannot be; `TransitionNotAllowed`.
 */
export const draftAsOperator = async (
  ports: DraftPorts,
  act: Act,
  { target, window: local, contract, confirmDays, reason }: Draft,
  operatorId: string,
): Promise<Site> => {
  const known = requireLive(requireSite(isId('site', act.siteId) ? await ports.sites.get(act.siteId) : undefined))
  const window = local && windowOf(local, ports.clocks.domain())
  if (contract && contract.lastDay < contract.firstDay) {
    refuseField('contract.lastDay', 'The contract ends before it begins.')
  }
  if (window === undefined) {
    if (Object.keys(target).length > 0) refuseField('window', 'A relocation needs a window.')
    if (contract === undefined) return refuseField('contract', 'Name the contract, or null to end it.')
    return changeNamedSite(ports, act, (found) =>
      changeContract(requireLive(found), { contract, reason }, actContext(ports, act)),
    )
  }
  await requireTarget(ports, known, target)
  if (lacksContract(ports, known, { target, contract })) {
    refuseField('contract.number', `The plan '${target.plan}' is by agreement: it needs a contract.`)
  }
  await requireNoOverlap(ports, known, window)
  const draft = { target, window, confirmDays, ...(contract && { contract }) }
  return changeNamedSite(ports, act, (found) =>
    draftRelocation(requireLive(found), draft, operatorId, actContext(ports, act)),
  )
}

/** @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const withdrawAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  changeNamedSite(ports, act, (found) => withdrawRelocation(requireLive(found), reason, actContext(ports, act)))

/** @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`. */
export const confirmAsOperator = (ports: ActPorts, act: Act, reason: string): Promise<Site> =>
  changeNamedSite(ports, act, (found) => confirmRelocation(requireKept(found), { reason }, actContext(ports, act)))

/** A full cell takes back what came from it. @throws {SitewrightError} `TransitionNotAllowed` if its disk is not mounted, or sites leave it. */
const requireWayTo = async (
  ports: RoomPorts,
  { cell: present }: LiveSite,
  { cell = present }: Target,
): Promise<void> => {
  if (cell === present) return
  const found = (await readCells(ports)).find(({ name }) => name === cell)
  if (found !== undefined && found.closed === undefined) return
  refuse(
    `The other side of this relocation is in the cell '${cell}', which takes no sites now. Mount its disk, or open it again.`,
  )
}

/**
 * Goes to one side of a relocation. Repeating changes nothing, also once the site is there.
 * @throws {SitewrightError} `NotFound`, `OperationInProgress`; `TransitionNotAllowed`, also where the cell of that side takes no sites.
 */
export const switchBackAsOperator = async (
  ports: DraftPorts,
  act: Act,
  { to, reason }: { readonly to: 'switched' | 'returned'; readonly reason: string },
): Promise<Site> => {
  const isThere = (live: LiveSite): boolean => sideAhead(live) === to
  const known = requireLive(await changeNamedSite(ports, act, () => undefined))
  const { back } = known.relocation?.switched ?? {}
  if (back !== undefined && !isThere(known)) await requireWayTo(ports, known, back)
  return operateOnSite(ports, act, (found) => {
    const live = requireLive(found)
    return isThere(live) ? undefined : beginSwitchBack(live, reason, actContext(ports, act))
  })
}

/**
 * Accepts a planned relocation. Repeating changes nothing.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed`, also where something speaks against the target by now.
 */
export const acceptOwnRelocation = async (
  ports: DraftPorts,
  act: OwnerAct,
  acceptance: { readonly revision: number; readonly personId: NonNullable<Relocation['acceptedBy']> },
): Promise<Site> => {
  const known = requireLive(await changeOwnSite(ports, act, () => undefined))
  const { state, target } = known.relocation ?? {}
  const problem = state === 'draft' && target && (await targetProblem(ports, known, target))
  if (problem) refuse(`This change is not possible at the moment. ${problem.message} We will plan it anew.`)
  return changeOwnSite(ports, act, (found) => {
    const site = requireLive(found)
    const { relocation } = site
    // The contract that was there when it was planned may have ended since.
    if (relocation?.state === 'draft' && lacksContract(ports, site, relocation)) {
      refuse('This change needs a contract. We will plan it anew.')
    }
    return acceptRelocation(site, acceptance, ports.policies.find(site.policyVersion), actContext(ports, act))
  })
}
