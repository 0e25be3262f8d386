import { SitewrightError } from '../../core/errors.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import {
  abortOperation,
  attemptContext,
  commitOrRepeat,
  endOperation,
  type ReclaimPorts,
  type SiteUnder,
} from '../../core/site/change-site.ts'
import { type DestructiveStep, dueStep } from '../../core/site/next-step.ts'
import type { Ending, OperationAttempt, OperationKind } from '../../core/site/operation.ts'
import { isLive, type KeptSite } from '../../core/site/site.ts'
import type { Billing } from '../billing/ask-billing.ts'
import type { Brake } from '../trials/brake.ts'

export interface GatePorts extends Pick<Context, 'policies'> {
  readonly billing: Billing
  readonly brake: Brake
}

export type Verdict =
  | { readonly isOpen: true }
  | {
      readonly isOpen: false
      readonly because: 'not-due' | 'brake' | 'paid' | 'unknown'
      /** Absent: at the next sweep. */
      readonly reprievedUntil?: Instant
    }

const hour = 60 * 60_000
const reprieves = { paid: 24 * hour, unknown: 6 * hour } as const

/**
 * Decides whether a destructive step may be made now, on a site that was read consistently: it is due, the brake is off
 * and nobody has paid. No answer counts as paid. An owner's own deletion ignores brake and payment; two operators'
 * deletion ignores the brake.
 */
export const askGate = async (
  { billing, brake, policies }: GatePorts,
  site: KeptSite,
  step: DestructiveStep['step'],
  now: Instant,
): Promise<Verdict> => {
  if (dueStep(site, policies.find(site.policyVersion), now)?.step !== step) return { isOpen: false, because: 'not-due' }
  const deletedBy = isLive(site) ? undefined : site.deletion?.by
  // Somebody asked for it, and the archive stays.
  const isMoved = site.status === 'suspended' && site.suspendedBecause === 'moved' && deletedBy === undefined
  if (deletedBy === 'owner' || isMoved) return { isOpen: true }
  if (deletedBy === undefined && (await brake.isOn())) return { isOpen: false, because: 'brake' }
  const answer = await billing.isPaidFor(site)
  if (answer === 'unpaid') return { isOpen: true }
  return { isOpen: false, because: answer, reprievedUntil: plusMilliseconds(now, reprieves[answer]) }
}

/**
 * Ends an operation and removes what its attempt has made. The fence is raised first, so that a running task of the attempt
 * cannot use what is removed.
 * @param cleanUp removes what the attempt made. If it fails, a sweep ends the operation and the leftovers are removed later.
 */
export const abandonOperation = async (
  ports: ReclaimPorts,
  site: SiteUnder<OperationKind>,
  attempt: OperationAttempt,
  ending: Ending,
  cleanUp: () => Promise<void>,
): Promise<void> => {
  const context = attemptContext(ports, attempt)
  const aborting = site.operation.ending === undefined ? abortOperation(site, ending, context) : undefined
  if (aborting !== undefined) await commitOrRepeat(ports, aborting)
  await cleanUp()
  await commitOrRepeat(ports, endOperation(aborting?.after ?? site, ending.outcome, context, ending))
}

/**
 * Asks the gate. If it is closed, the operation ends and the step is retried later; an operators' purge is dropped, and a deletion that the owner requested before stays.
 * @throws {SitewrightError} `OperationSuperseded` if it is closed.
 */
export const passGate = async (
  ports: ReclaimPorts & GatePorts,
  site: KeptSite & SiteUnder<'suspend' | 'archive' | 'purge'>,
  step: DestructiveStep['step'],
  attempt: OperationAttempt,
  cleanUp?: () => Promise<void>,
): Promise<void> => {
  const verdict = await askGate(ports, site, step, ports.clocks.domain())
  if (verdict.isOpen) return
  const { isOpen: _, ...closed } = verdict
  ports.log.info({ siteId: site.id, step, because: closed.because }, 'a gate is closed')
  if (cleanUp === undefined) {
    await commitOrRepeat(ports, endOperation(site, 'refused', attemptContext(ports, attempt), closed))
  } else await abandonOperation(ports, site, attempt, { outcome: 'refused', ...closed }, cleanUp)
  throw new SitewrightError('OperationSuperseded', `The gate for '${step}' is closed: ${verdict.because}.`)
}
