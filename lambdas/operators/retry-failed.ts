import { SitewrightError } from '../../core/errors.ts'
import {
  type Act,
  type ActPorts,
  changeNamedSite,
  requireIdle,
  requireSite,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isUnderAllowance, type Ownership } from '../../core/site/ownership.ts'
import { type FailedSite, isKept, type KeptSite, type Site } from '../../core/site/site.ts'
import { type CreateSitePorts, createSite } from '../sites/claim/create-site.ts'
import type { FailureSummary } from '../sites/evidence/evidence.ts'
import { beginWake } from '../sleep/wake-site.ts'
import type { Admission } from '../trials/waiting-list/admit-trials.ts'

/** What repeats a failed attempt. `null`: it repeats by itself, or there is nothing to repeat. */
export type Retry = 'retry' | 'restore' | 'roll-out' | null

/** The ownership of a failed trial, or who builds a site again that was none: a retry would make an empty trial at its hostname. */
const failedTrial = ({ ownership, imported, environmentOf }: FailedSite): Ownership | string => {
  if (ownership === undefined || ownership.hostname === '') {
    return 'This site has no owner, so it is not built again. The pool builds another one.'
  }
  if (imported !== undefined) return 'This site comes from a bundle: import it again.'
  if (environmentOf !== undefined) return 'This is an environment: ask its owner to create the environment again.'
  return isUnderAllowance(ownership)
    ? 'This site is for software of its owner: ask the owner to create the site again.'
    : ownership
}

const retryOfKept = (during: FailureSummary['during'], site: KeptSite): Retry => {
  if (during === 'restore' && site.status === 'archived') return 'restore'
  if (during === 'wake' && site.status === 'asleep') return 'retry'
  if (during === 'resize' && site.status === 'active' && site.planNotBefore !== undefined) return 'retry'
  return during === 'upgrade' && site.failedUpgrade !== undefined ? 'roll-out' : null
}

/** What an operator can do about a failure now. */
export const retryOf = ({ during }: Pick<FailureSummary, 'during'>, site: Site | undefined): Retry => {
  if (site?.status === 'failed') return during === 'build' && typeof failedTrial(site) !== 'string' ? 'retry' : null
  return isKept(site) && site.operation === undefined ? retryOfKept(during, site) : null
}

export interface RetryPorts extends ActPorts, Omit<CreateSitePorts, 'admission'> {}

const refuse = async () => {
  throw new SitewrightError('Unavailable', 'There is no room for another site at the moment. Try again later.')
}

/** The owner had room for this trial before. */
const admitted: Admission = {
  take: async () => ({ release: () => undefined }),
  requireInvitation: refuse,
  wait: refuse,
  forget: () => undefined,
}

/** By the policy, because a site does not hold its variant. */
const variantOf = ({ offers, policies }: RetryPorts, { offer }: Ownership, failed: FailedSite): string | undefined =>
  offers.find(offer).variants.find(({ trialPolicy }) => trialPolicy && trialPolicy === policies.of(failed).name)?.name

/** A failed build gave hostname and trial back, so its owner gets another site with the same name, by the same offer. */
const buildAgain = (ports: RetryPorts, { actor, causationId }: Act, failed: FailedSite) => {
  const trial = failedTrial(failed)
  if (typeof trial === 'string') throw new SitewrightError('TransitionNotAllowed', trial)
  const { accountId, slug, name, offer } = trial
  const held = { offer, variant: variantOf(ports, trial, failed) }
  const command = { accountId, slug, name, ...held, blueprint: failed.blueprint.name, actor, causationId }
  return createSite({ ...ports, admission: admitted }, command)
}

const retryOperation = (site: Site, context: ChangeContext, reason: string): SiteChange => {
  if (isKept(site)) requireIdle(site)
  if (site.status === 'asleep') return beginWake(site, context, { reason })
  if (site.status === 'active' && site.planNotBefore !== undefined) {
    const { planNotBefore: _, ...after } = site
    const details = { operation: 'upgrade', because: 'operator', reason }
    return siteChange({ transition: 'retryOperation', before: site, after, details }, context)
  }
  throw new SitewrightError(
    'TransitionNotAllowed',
    'There is nothing to retry: no build, wake or change to the size of its plan has failed. Restore an archived site; retry an upgrade by its roll-out.',
  )
}

/**
 * Retries what failed of a site: builds another site for the owner of a failed one, wakes one that sleeps, or ends the pause after a site could not get the size of its plan.
 * @returns the site, or the new one.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `OperationInProgress`, `TrialAlreadyUsed`, `HostnameTaken`, `OfferClosed`.
 */
export const retryAsOperator = async (ports: RetryPorts, act: Act, reason: string): Promise<Site> => {
  const found: { failed?: FailedSite } = {}
  const site = await changeNamedSite(ports, act, (read, context) => {
    const present = requireSite(read)
    if (present.status !== 'failed') return retryOperation(present, context, reason)
    found.failed = present
    return undefined
  })
  if (found.failed !== undefined) return buildAgain(ports, act, found.failed)
  return startOperationSoon(ports, site)
}
