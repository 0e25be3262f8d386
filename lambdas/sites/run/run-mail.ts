import { inConsole, type MailContent, type MailFacts } from '../../../core/mail/mail-message.ts'
import type { MailLanguage } from '../../../core/mail/mail-words.ts'
import { isLive, type Site } from '../../../core/site/site.ts'
import { wayAfterFailure } from '../../../core/site/site-facts.ts'

/** In the units of the pages. */
const sizeText = (mebibytes: number, language: MailLanguage): string => {
  if (mebibytes < 1024) return `${mebibytes} MB`
  const [count, unit] = mebibytes < 2 ** 20 ? [mebibytes / 1024, 'GB'] : [mebibytes / 2 ** 20, 'TB']
  return `${count.toLocaleString(language, { maximumFractionDigits: 1 })} ${unit}`
}

/** The share from which it is almost full. */
const near = 0.8

const storage = (name: string, { site, plans, say, language }: MailFacts): MailContent | undefined => {
  if (!isLive(site) || site.storage === undefined) return undefined
  const isFull = site.storage === 'full'
  const plan = plans.find(site.plan)
  const { storageMiB } = plan.limits
  return {
    subject: isFull ? say`The storage of ${name} is full` : say`The storage of ${name} is almost full`,
    paragraphs: isFull
      ? [
          say`Your site ${name} has used all the storage of its plan. You cannot add anything until you delete data or choose a larger plan.`,
        ]
      : [
          say`Your site ${name} has used more than 80% of the storage of its plan.`,
          say`When it is full, nothing can be added. Delete what you do not need, or choose a larger plan.`,
        ],
    facts: [
      [say`Plan`, plan.name],
      ...(isFull ? [] : [[say`Used`, say`more than ${sizeText(Math.floor(storageMiB * near), language)}`] as const]),
      [say`Storage of the plan`, sizeText(storageMiB, language)],
    ],
    action: inConsole(say`See plans`, 'plans'),
  }
}

const down = (name: string, site: Site, { event, at, say }: MailFacts): MailContent | undefined => {
  if (site.status !== 'active' || site.endpoint !== undefined) return undefined
  return {
    subject: say`Your site ${name} does not answer`,
    paragraphs: [
      say`Your site ${name} has not answered since ${at(site.down?.since ?? event.at)}. Its data is safe.`,
      say`We start it again every minute. The console shows when it answers. If it does not answer within an hour, write to us.`,
    ],
    action: inConsole(say`See your site`),
  }
}

const notWoken = (name: string, { site, say }: MailFacts): MailContent | undefined => {
  if (site.status !== 'asleep') return undefined
  return {
    subject: say`Your site ${name} did not wake`,
    paragraphs: [
      say`Your site ${name} was asleep. We started it, but it did not answer. Its data is safe.`,
      say`The next visit starts it again. If that fails too, write to us.`,
    ],
    action: inConsole(say`See your site`),
  }
}

const notBuilt = (name: string, { site, say }: MailFacts): MailContent | undefined => {
  if (site.status !== 'failed') return undefined
  const subject = say`Your site ${name} could not be built`
  const sorry = say`We are sorry: your site ${name} could not be built. ${say([site.failure.reason])}`
  const way = wayAfterFailure(site)
  if (way === 'contact') {
    const paragraphs = [sorry, say`Contact us to have it built again.`]
    return { subject, paragraphs, action: { text: say`See your sites`, to: 'all sites' } }
  }
  const again =
    way === 'place'
      ? say`Its place in your allowance is free again, so you can try again at any time.`
      : say`Your trial is still available, so you can try again at any time.`
  return { subject, paragraphs: [sorry, again], action: { text: say`Try again`, to: 'all sites' } }
}

/** The mail about a site that does not run as it should; undefined if there is nothing to say, or it is no longer true. */
export const runMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (event.type === 'SiteStorageNoted') return storage(name, facts)
  if (event.type === 'SiteFailed') return notBuilt(name, facts)
  if (event.type === 'SiteDown') return down(name, site, facts)
  const isFailedWake =
    event.type === 'SiteOperationEnded' && event.data.operation === 'wake' && event.data.outcome === 'failed'
  return isFailedWake ? notWoken(name, facts) : undefined
}
