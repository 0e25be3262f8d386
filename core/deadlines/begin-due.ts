import { changeBrake } from '../brake/change-brake.ts'
import type { Allowance } from '../brake/pace.ts'
import { allowanceOf, roomAt, spend } from '../brake/pace.ts'
import { system } from '../events/event-names.ts'
import type { Instant } from '../instant.ts'
import type { BrakeStore } from '../ports/brake.ts'
import type { ChangeContext, SiteChange } from '../site/change.ts'
import { dueStep, isDestructive } from '../site/next-step.ts'
import { beginArchiving, beginPurge, beginSuspension } from '../site/operation-changes.ts'
import type { KeptSite, Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { unpurgedSites } from '../site/site-facts.ts'
import { startOperationSoon } from '../site/start-operation.ts'
import type { TrialPolicies } from '../site/trial-policies.ts'
import type { DeadlinePorts, Swept } from './sweep-sites.ts'
import { sweepSites } from './sweep-sites.ts'

/** Limits of one run. */
const mostBegun = 100
const mostLooks = 400

/** Begins owners' own deletions, which the rate limit does not affect. */
export const beginDeletions = (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { sites, policies, log } = ports
  return sweepSites(log, sites.listDue({ kind: 'deletion', until: now }), { atMost: mostBegun }, async ({ id }) => {
    const site = await sites.get(id)
    return isStepDue(site, policies, now) && beginStep(ports, site, causationId)
  })
}

/** The first due sites, confirmed by consistent reads. */
const findDue = async ({ sites, policies, log }: DeadlinePorts, now: Instant, room: number) => {
  const found: KeptSite[] = []
  async function* whileRoom(): AsyncGenerator<Site> {
    for await (const site of sites.listDue({ kind: 'destructive', until: now })) {
      yield site
      if (found.length === room) return
    }
  }
  const { left } = await sweepSites(log, whileRoom(), { atMost: mostLooks }, async ({ id }) => {
    const site = await sites.get(id)
    if (isStepDue(site, policies, now)) found.push(site)
    return false
  })
  return { found, left }
}

/**
 * Counts steps before they begin: a crash slows the rate, never raises it. A step that a gate postponed was counted before.
 * @returns the sites that may begin.
 */
const reserve = async (
  brakes: BrakeStore,
  now: Instant,
  wanted: readonly KeptSite[],
  allowance: Allowance,
): Promise<readonly KeptSite[]> => {
  let granted: readonly KeptSite[] = []
  await changeBrake(brakes, now, (state) => {
    granted = state.tripped === undefined ? wanted.slice(0, roomAt(state.spent, now, allowance)) : []
    if (granted.length === 0) return undefined
    const first = granted.filter(({ reprievedUntil }) => reprievedUntil === undefined)
    const spent = spend(state.spent, now, granted.length)
    return { next: { ...state, begun: state.begun + first.length, spent } }
  })
  return granted
}

export const beginPaced = async (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { brakes, totals, log } = ports
  const allowance = allowanceOf(unpurgedSites(await totals.read()))
  const room = Math.min(mostBegun, roomAt((await brakes.read())?.spent ?? [], now, allowance))
  if (room === 0) return { acted: 0, left: [] }
  const { found, left } = await findDue(ports, now, room)
  if (found.length === 0) return { acted: 0, left }
  const granted = await reserve(brakes, now, found, allowance)
  const begun = await sweepSites(log, granted, { atMost: mostBegun }, (site) => beginStep(ports, site, causationId))
  return { acted: begun.acted, left: [...left, ...begun.left] }
}

/** Whether a destructive step is due and no operation is running. */
const isStepDue = (site: Site | undefined, policies: TrialPolicies, now: Instant): site is KeptSite => {
  if (site === undefined || !isKept(site) || site.operation !== undefined) return false
  const due = dueStep(site, policies.find(site.policyVersion), now)
  return due !== undefined && isDestructive(due)
}

const beginning = (site: KeptSite, policies: TrialPolicies, context: ChangeContext): SiteChange | undefined => {
  const step = dueStep(site, policies.find(site.policyVersion), context.clocks.domain())?.step
  if (step === 'suspend' && site.status === 'active') return beginSuspension(site, context)
  if (step === 'archive' && site.status === 'suspended') return beginArchiving(site, context)
  if (step === 'purge' && site.status !== 'active') return beginPurge(site, context)
  return undefined
}

/** @returns false if the site was changed meanwhile: it comes again if still due. */
const beginStep = async (ports: DeadlinePorts, site: KeptSite, causationId: string): Promise<boolean> => {
  const change = beginning(site, ports.policies, { actor: system, causationId, ...ports })
  if (change === undefined || !(await ports.sites.commit(change)).done) return false
  await startOperationSoon(ports, change.after)
  return true
}
