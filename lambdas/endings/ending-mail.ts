import type { Instant } from '../../core/instant.ts'
import { inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { days, type Say, timeLeft } from '../../core/mail/mail-words.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import { isEntitled, nextDestructiveStep } from '../../core/site/next-step.ts'
import { type ArchivedSite, isLive, type KeptSite, type Site, type SuspendedSite } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { hasExtensionLeft } from '../trials/extend-trial.ts'

export const endOf = (site: KeptSite, policies: TrialPolicies): Instant | undefined =>
  nextDestructiveStep(site, policies.find(site.policyVersion))?.dueAt

const whatEnded = {
  'trial-ended': (name: string, say: Say) => say`The trial of your site ${name} has ended`,
  'payment-overdue': (name: string, say: Say) => say`We have not received the payment for your site ${name}`,
  'subscription-ended': (name: string, say: Say) => say`The subscription of your site ${name} has ended`,
  paused: (name: string, say: Say) => say`The subscription of your site ${name} is paused`,
} as const

const suspendedSubject = {
  'trial-ended': (name: string, say: Say) => say`Your site ${name} is suspended: its trial has ended`,
  'payment-overdue': (name: string, say: Say) => say`Your site ${name} is suspended: a payment is missing`,
  'subscription-ended': (name: string, say: Say) => say`Your site ${name} is suspended: its subscription has ended`,
  paused: (name: string, say: Say) => say`Your site ${name} is suspended: its subscription is paused`,
} as const

/** What its owner has to do before a site that ended can run again; nothing if it may run. */
const wayBack = (site: SuspendedSite | ArchivedSite, { now, policies, say }: MailFacts): readonly string[] => {
  const policy = policies.find(site.policyVersion)
  if (isEntitled(site, policy, now)) return []
  switch (site.billing?.state) {
    case 'past-due':
      return [say`Pay the open invoice, and your site runs again.`]
    case 'paused':
      return [say`Contact us to resume the subscription.`]
    default:
      return [
        hasExtensionLeft(site, policy)
          ? say`To use it again, choose a plan, or extend the trial by ${days(policy.extensionDays, say)}.`
          : say`To use it again, choose a plan.`,
      ]
  }
}

/** Only that of a subscription that goes on otherwise: its renewal ends with a deletion, and comes back with the site. */
const renewal = ({ billing }: KeptSite, say: Say): readonly string[] => {
  switch (billing?.state) {
    case 'active':
      return billing.cancelsAtPeriodEnd && !billing.endsWithDeletion
        ? []
        : [say`Its subscription is not renewed any more. If you cancel the deletion, it is.`]
    case 'past-due':
      return [say`We do not try again to collect the payment that failed. If you cancel the deletion, we do.`]
    default:
      return []
  }
}

const suspended = (name: string, site: SuspendedSite, facts: MailFacts): MailContent => {
  const { at, policies, say } = facts
  const end = endOf(site, policies)
  switch (site.suspendedBecause) {
    case 'owner-deletion':
      return {
        subject: say`Your site ${name} will be deleted`,
        paragraphs: [
          say`We were asked to delete your site ${name}. It is suspended now.`,
          ...(end === undefined
            ? []
            : [say`We will delete it permanently on ${at(end)}. Until then you can cancel the deletion.`]),
          ...renewal(site, say),
        ],
        action: inConsole(say`Keep your site`),
      }
    case 'storage-full':
      return {
        subject: say`Your site ${name} is suspended: its storage is full`,
        paragraphs: [
          say`We have suspended your site ${name} because it used more storage than its plan includes, or more than we have room for. We keep its data.`,
          say`Resume it and delete what you do not need, or choose a larger plan.`,
          ...(end === undefined
            ? []
            : [say`If it is still suspended on ${at(end)}, we archive it; you can still restore it then.`]),
        ],
        action: inConsole(say`Resume your site`),
      }
    case 'operator':
      return {
        subject: say`Your site ${name} is suspended`,
        paragraphs: [
          say`We have suspended your site ${name} and keep its data. Contact us for more information.`,
          ...(end === undefined
            ? []
            : [say`If it is still suspended on ${at(end)}, we archive it. Then only we can restore it.`]),
        ],
        action: inConsole(say`See your site`),
      }
    case 'moved':
      return {
        subject: say`Your site ${name} is moving`,
        paragraphs: [
          say`We are moving your site ${name} to another installation. Visitors are sent on to ${site.movedTo ?? say`its new address`}. Your data here stays as an archive.`,
        ],
        action: inConsole(say`See your site`),
      }
    case 'trial-ended':
    case 'payment-overdue':
    case 'subscription-ended': {
      const because = site.billing?.state === 'paused' ? 'paused' : site.suspendedBecause
      return {
        subject: suspendedSubject[because](name, say),
        paragraphs: [
          say`${whatEnded[because](name, say)}, so we have suspended it.`,
          ...wayBack(site, facts),
          end === undefined
            ? say`We keep its data.`
            : say`Its data stays in place until ${at(end)}. Then we archive the site; you can still restore it.`,
        ],
        ...(end === undefined ? {} : { facts: [[say`Will be archived`, at(end)]] }),
        action: inConsole(say`Resume your site`),
      }
    }
  }
}

/** Only operators restore what an operator suspended. */
const restoring = ({ suspendedBecause }: ArchivedSite, end: string | undefined, say: Say): string => {
  if (suspendedBecause === 'operator') {
    return end === undefined
      ? say`Contact us to restore it.`
      : say`We will delete it permanently on ${end}. Contact us to keep it.`
  }
  return end === undefined
    ? say`You can restore it at any time.`
    : say`You can restore it until ${end}. After that we delete it permanently.`
}

const restoreAction = ({ suspendedBecause }: ArchivedSite, say: Say) =>
  inConsole(suspendedBecause === 'operator' ? say`See your site` : say`Restore your site`)

const archived = (name: string, site: ArchivedSite, facts: MailFacts): MailContent => {
  const { at, policies, say } = facts
  if (site.suspendedBecause === 'moved') {
    return {
      subject: say`Your site ${name} has moved`,
      paragraphs: [
        say`We keep a verified copy of all data of your site ${name} here. It continues in another installation.`,
      ],
      action: inConsole(say`See your site`),
    }
  }
  const end = endOf(site, policies)
  return {
    subject: say`Your site ${name} is archived`,
    paragraphs: [
      say`We have archived your site ${name}. We keep a verified copy of all its data.`,
      restoring(site, end && at(end), say),
      ...(site.suspendedBecause === 'operator' ? [] : wayBack(site, facts)),
    ],
    ...(end === undefined ? {} : { facts: [[say`Will be deleted`, at(end)]] }),
    action: restoreAction(site, say),
  }
}

const warning = (name: string, site: Site, daysBefore: number, facts: MailFacts) => {
  const { now, at, policies, say } = facts
  if (site.status !== 'archived' || !site.warned.includes(daysBefore)) return undefined
  const end = endOf(site, policies)
  if (end === undefined) return undefined
  return {
    subject: say`Your site ${name} will be deleted in ${timeLeft(now, end, say)}`,
    paragraphs:
      site.suspendedBecause === 'operator'
        ? [say`We will delete the archive of your site ${name} permanently on ${at(end)}. Contact us to keep it.`]
        : [
            say`We will delete the archive of your site ${name} permanently on ${at(end)}. To keep the site, restore it before then.`,
            ...wayBack(site, facts),
          ],
    facts: [[say`Will be deleted`, at(end)]] as const,
    action: restoreAction(site, say),
  }
}

/** The mail about an ending, or what follows it; undefined if there is nothing to say, or it is no longer true. */
export const endingMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site, say } = facts
  switch (event.type) {
    case 'SiteSuspended':
      return site.status === 'suspended' ? suspended(name, site, facts) : undefined
    case 'SiteDeletionRequested':
      return site.status === 'archived' || site.status === 'suspended' ? deletion(name, site, facts) : undefined
    case 'SiteArchived':
      return site.status === 'archived' ? archived(name, site, facts) : undefined
    case 'SitePurged':
      return {
        subject: say`Your site ${name} is deleted`,
        paragraphs: [
          say`We have permanently deleted your site ${name} with its data and copies.`,
          ...(event.data.previousBilling === undefined
            ? []
            : [say`Its subscription has ended with it: nothing more is charged.`]),
        ],
      }
    case 'SiteRestored':
      if (!isLive(site)) return undefined
      return {
        subject: say`Your site ${name} is back`,
        paragraphs: [
          say`Your site ${name} is restored and running, with all its data.`,
          ...(isTrialPlan(site.plan) ? [say`Its trial ends on ${facts.at(site.trialEndsAt)}.`] : []),
        ],
        action: { text: say`Open your site`, to: 'site' },
      }
    case 'SiteWarned':
      return warning(name, site, event.data.daysBefore, facts)
    default:
      return undefined
  }
}

const deletion = (name: string, site: SuspendedSite | ArchivedSite, { at, policies, say }: MailFacts) => {
  const end = endOf(site, policies)
  if (site.deletion === undefined || end === undefined) return undefined
  return {
    subject: say`Your site ${name} will be deleted`,
    paragraphs: [
      say`We were asked to delete your site ${name}. We will delete it permanently on ${at(end)}. Until then you can cancel the deletion.`,
      ...renewal(site, say),
    ],
    action: inConsole(say`Keep your site`),
  }
}
