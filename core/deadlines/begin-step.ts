import { system } from '../events/system.ts'
import type { Instant } from '../instant.ts'
import type { ChangeContext, SiteChange } from '../site/change.ts'
import { dueStep, isDestructive } from '../site/next-step.ts'
import { beginArchiving, beginPurge, beginSuspension } from '../site/operation-changes.ts'
import type { KeptSite, Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import { startOperationSoon } from '../site/start-operation.ts'
import type { TrialPolicies } from '../site/trial-policy.ts'
import type { DeadlinePorts } from './deadline-ports.ts'

/** Whether it is time to take something away, and nothing else is being done with the site. */
export const isToBegin = (site: Site | undefined, policies: TrialPolicies, now: Instant): site is KeptSite => {
  if (site === undefined || !isKept(site) || site.operation !== undefined) return false
  const due = dueStep(site, policies.find(site.policyVersion), now)
  return due !== undefined && isDestructive(due)
}

/** The beginning of what is due. The gate is asked by the operation itself. */
const beginning = (site: KeptSite, policies: TrialPolicies, context: ChangeContext): SiteChange | undefined => {
  const step = dueStep(site, policies.find(site.policyVersion), context.clocks.domain())?.step
  if (step === 'suspend' && site.status === 'active') return beginSuspension(site, context)
  if (step === 'archive' && site.status === 'suspended') return beginArchiving(site, context)
  if (step === 'purge' && site.status !== 'active') return beginPurge(site, context)
  return undefined
}

/** @returns false where the site was changed by somebody else meanwhile: it comes again if it is still due. */
export const beginStep = async (ports: DeadlinePorts, site: KeptSite, causationId: string): Promise<boolean> => {
  const change = beginning(site, ports.policies, { actor: system, causationId, ...ports })
  if (change === undefined || !(await ports.sites.commit(change)).done) return false
  await startOperationSoon(ports, change.after)
  return true
}
