import type * as z from 'zod'
import { isErrorOfKind } from '../../core/errors.ts'
import { senderOf } from '../../core/mail/mail-message.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Act, ActPorts } from '../../core/site/change-site.ts'
import type { SiteChange } from '../../core/site/lifecycle.ts'
import { nextLifeStep } from '../../core/site/next-step.ts'
import { isKept, ownershipOf, type Site } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { previewAct } from '../endings/act-on-site.ts'
import type { Offers } from '../offers/offers.ts'
import { siteMail } from '../sites/mail-owner.ts'
import { stepView } from '../sites/views.ts'
import type { consequencesSchema } from './insight-answers.ts'
import type { previewedActs } from './insight-operations.ts'
import { type ActRequest, siteActs } from './site-api.ts'

type Consequences = z.input<typeof consequencesSchema>
type ActName = (typeof previewedActs)[number]

export interface ConsequencesPorts
  extends ActPorts,
    Pick<Context, 'plans' | 'brand' | 'contact' | 'consoleUrl' | 'siteUrl'> {
  readonly accounts: AccountStore
  readonly offers: Offers
}

const effects: Readonly<Record<ActName, readonly string[]>> = {
  extend: ['The trial ends later. A suspended site stays suspended until it is resumed.'],
  suspend: [
    'The containers stop within a minute. Visitors see a page that says that the site is suspended.',
    'The data stays. Its owner cannot resume the site; operators can.',
  ],
  resume: ['The site starts. From an archive, that takes minutes.'],
  restore: ['The archive is restored into a new directory, and the site starts.'],
  hold: ['Deadlines neither archive nor purge the site until the hold ends. They still suspend it.'],
  unhold: ['Deadlines apply again. A deadline that has passed is due at once.'],
  purge: [
    'A second operator must confirm the first request within 24 hours.',
    'After the confirmation, the data and all copies are deleted. That cannot be undone.',
  ],
  plan: ['Limits and features of the new plan apply within a minute; another size restarts the site.'],
}

const trialEndOf = (site: Site) => (isKept(site) && isTrialPlan(site.plan) ? site.trialEndsAt : null)

const operationOf = (site: Site) => (isKept(site) ? site.operation : undefined)

const changesOf = ({ policies }: ConsequencesPorts, before: Site, after: Site): Consequences['changes'] => {
  const stepOf = (site: Site) => stepView(nextLifeStep(site, policies.of(site)))
  const [from, to] = [operationOf(before), operationOf(after)]
  return {
    status: { before: before.status, after: after.status },
    plan: { before: before.plan, after: after.plan },
    trialEndsAt: { before: trialEndOf(before), after: trialEndOf(after) },
    nextStep: { before: stepOf(before), after: stepOf(after) },
    operation: to === undefined || to.id === from?.id ? null : to.kind,
  }
}

const mailsOf = async (ports: ConsequencesPorts, { after, event }: SiteChange): Promise<Consequences['mails']> => {
  const accountId = ownershipOf(after)?.accountId
  const owner = accountId === undefined ? undefined : await ports.accounts.getOwner(accountId)
  if (owner === undefined) return []
  const brand = senderOf(ports.offers.find(ownershipOf(after)?.offer), owner)
  const { email: to, timeZone } = owner
  const mail = siteMail({ ...ports, ...brand, event, site: after, to, timeZone, now: ports.clocks.domain() })
  return mail === undefined ? [] : [{ to: mail.to, subject: mail.subject }]
}

/** What an act would do. The use case itself decides, on ports that write nothing. @throws {SitewrightError} `NotFound`. */
export const consequences = async (
  ports: ConsequencesPorts,
  site: Site,
  { action, ...request }: Omit<ActRequest, 'reason'> & { readonly action: ActName },
  on: Act,
): Promise<Consequences> => {
  try {
    // No operator's words are needed to look.
    const asked = { ...request, reason: 'preview' }
    const change = await previewAct(ports, (without) => siteActs[action](without, on, asked))
    if (change === undefined) return { action, refusal: null, changes: null, mails: [], effects: [] }
    return {
      action,
      refusal: null,
      changes: changesOf(ports, site, change.after),
      mails: await mailsOf(ports, change),
      effects: [...effects[action]],
    }
  } catch (error) {
    if (!isErrorOfKind(error, 'TransitionNotAllowed', 'OperationInProgress', 'InvalidRequest', 'PaymentRequired')) {
      throw error
    }
    return { action, refusal: error.message, changes: null, mails: [], effects: [] }
  }
}
