import type { SiteEvent } from '../../core/events/event.ts'
import type { Instant } from '../../core/instant.ts'
import type { MailDraft } from '../../core/mail/mail-message.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { nextDestructiveStep } from '../../core/site/next-step.ts'
import { type ArchivedSite, isLive, type KeptSite, type Site, type SuspendedSite } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'

export type MailContent = Pick<MailDraft, 'subject' | 'paragraphs'> & {
  readonly action: { readonly text: string; readonly to: 'console' | 'site' }
}

export interface DeadlineMailFacts {
  readonly event: SiteEvent
  readonly site: Site
  readonly policies: TrialPolicies
  /** Formats an instant for the owner. */
  readonly at: (instant: Instant) => string
}

export const inConsole = (text: string) => ({ text, to: 'console' as const })

/** The next destructive step, if any. */
export const endOf = (site: KeptSite, policies: TrialPolicies): Instant | undefined =>
  nextDestructiveStep(site, policies.find(site.policyVersion))?.dueAt

const whatEnded = {
  'trial-ended': (name: string) => `The trial of your site ${name} has ended`,
  'payment-overdue': (name: string) => `We have not received the payment for your site ${name}`,
  'subscription-ended': (name: string) => `The subscription of your site ${name} has ended`,
} as const

const suspended = (name: string, site: SuspendedSite, { at, policies }: DeadlineMailFacts): MailContent => {
  const end = endOf(site, policies)
  const subject = `Your site ${name} is suspended`
  switch (site.suspendedBecause) {
    case 'owner-deletion':
      return {
        subject: `Your site ${name} will be deleted`,
        paragraphs: [
          `You asked us to delete your site ${name}. It is suspended now.`,
          ...(end === undefined
            ? []
            : [`We will delete it permanently on ${at(end)}. Until then you can cancel the deletion.`]),
        ],
        action: inConsole('Keep your site'),
      }
    case 'storage-full':
      return {
        subject,
        paragraphs: [
          `We have suspended your site ${name} because it used more storage than its plan includes, or more than we have room for. We keep its data.`,
          'Resume it and delete what you do not need, or choose a larger plan.',
          ...(end === undefined
            ? []
            : [`If it is still suspended on ${at(end)}, we archive it; you can still restore it then.`]),
        ],
        action: inConsole('Resume your site'),
      }
    case 'operator':
      return {
        subject,
        paragraphs: [
          `We have suspended your site ${name} and keep its data. Contact us for more information.`,
          ...(end === undefined
            ? []
            : [`If it is still suspended on ${at(end)}, we archive it; you can still restore it then.`]),
        ],
        action: inConsole('See your site'),
      }
    case 'trial-ended':
    case 'payment-overdue':
    case 'subscription-ended':
      return {
        subject,
        paragraphs: [
          `${whatEnded[site.suspendedBecause](name)}, so we have suspended it.`,
          end === undefined
            ? 'We keep its data.'
            : `Its data stays in place until ${at(end)}. Then we archive the site; you can still restore it.`,
        ],
        action: inConsole('Resume your site'),
      }
  }
}

const archived = (name: string, site: ArchivedSite, { at, policies }: DeadlineMailFacts): MailContent => {
  const end = endOf(site, policies)
  return {
    subject: `Your site ${name} is archived`,
    paragraphs: [
      `We have archived your site ${name}. We keep a verified copy of all its data.`,
      end === undefined
        ? 'You can restore it at any time.'
        : `You can restore it until ${at(end)}. After that we delete it permanently.`,
    ],
    action: inConsole('Restore your site'),
  }
}

const extended = (name: string, site: Site, { at }: DeadlineMailFacts): MailContent | undefined =>
  'trialEndsAt' in site
    ? {
        subject: `The trial of ${name} is extended`,
        paragraphs: [
          `The trial of your site ${name} now ends on ${at(site.trialEndsAt)}.`,
          ...(site.status === 'suspended' ? ['The site is still suspended. You can resume it in the console.'] : []),
          ...(site.status === 'archived' ? ['The site is still archived. You can restore it in the console.'] : []),
        ],
        action: inConsole('See your site'),
      }
    : undefined

const storage = (name: string, site: Site): MailContent | undefined => {
  if (!isLive(site) || site.storage === undefined) return undefined
  const isFull = site.storage === 'full'
  return {
    subject: isFull ? `The storage of ${name} is full` : `The storage of ${name} is almost full`,
    paragraphs: isFull
      ? [
          `Your site ${name} has used all the storage of its plan. You cannot add anything until you delete data or choose a larger plan.`,
        ]
      : [`Your site ${name} has used more than 80% of the storage of its plan.`],
    action: { text: 'Open your site', to: 'site' },
  }
}

const down = (name: string, site: Site, { event, at }: DeadlineMailFacts): MailContent | undefined => {
  if (site.status !== 'active' || site.endpoint !== undefined) return undefined
  return {
    subject: `Your site ${name} does not answer`,
    paragraphs: [
      `Your site ${name} has not answered since ${at(site.down?.since ?? event.at)}. Its data is safe.`,
      'We start it again every minute. The console shows when it answers. If it does not answer within an hour, write to us.',
    ],
    action: inConsole('See your site'),
  }
}

const notWoken = (name: string, site: Site): MailContent | undefined => {
  if (site.status !== 'asleep') return undefined
  return {
    subject: `Your site ${name} did not wake`,
    paragraphs: [
      `A visitor opened your site ${name} while it was asleep. We started it, but it did not answer. Its data is safe.`,
      'The next visit starts it again. If that fails too, write to us.',
    ],
    action: inConsole('See your site'),
  }
}

/** The mail about what was done at a deadline; undefined if there is nothing to say, or it is no longer true. */
export const endingMail = (name: string, facts: DeadlineMailFacts): MailContent | undefined => {
  const { event, site } = facts
  switch (event.type) {
    case 'SiteSuspended':
      return site.status === 'suspended' ? suspended(name, site, facts) : undefined
    case 'SiteDeletionRequested':
      return site.status === 'archived' || site.status === 'suspended' ? deletion(name, site, facts) : undefined
    case 'SiteArchived':
      return site.status === 'archived' ? archived(name, site, facts) : undefined
    case 'SitePurged':
      return {
        subject: `Your site ${name} is deleted`,
        paragraphs: [`We have permanently deleted your site ${name} and its data.`],
        action: inConsole('See your sites'),
      }
    case 'SiteRestored':
      return {
        subject: `Your site ${name} is back`,
        paragraphs: [
          `Your site ${name} is restored and running, with all its data.`,
          ...(isLive(site) && isTrialPlan(site.plan) ? [`Its trial ends on ${facts.at(site.trialEndsAt)}.`] : []),
        ],
        action: { text: 'Open your site', to: 'site' },
      }
    case 'TrialExtended':
      return extended(name, site, facts)
    case 'SiteStorageNoted':
      return storage(name, site)
    case 'SiteDown':
      return down(name, site, facts)
    case 'SiteOperationEnded':
      return event.data.operation === 'wake' && event.data.outcome === 'failed' ? notWoken(name, site) : undefined
    default:
      return undefined
  }
}

const deletion = (name: string, site: SuspendedSite | ArchivedSite, { at, policies }: DeadlineMailFacts) => {
  const end = endOf(site, policies)
  if (site.deletion === undefined || end === undefined) return undefined
  return {
    subject: `Your site ${name} will be deleted`,
    paragraphs: [
      `You asked us to delete your site ${name}. We will delete it permanently on ${at(end)}. Until then you can cancel the deletion.`,
    ],
    action: inConsole('Keep your site'),
  }
}
