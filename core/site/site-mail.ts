import { billingMail } from '../billing/billing-mail.ts'
import type { SiteEvent } from '../events/event.ts'
import { composeMail, localTime } from '../mail/mail-message.ts'
import type { MailMessage } from '../ports/delivery.ts'
import { deadlineMail } from './end/deadline-mail.ts'
import type { Site } from './site.ts'
import { ownershipOf } from './site.ts'
import type { TrialPolicies } from './trial-policies.ts'

export interface SiteMailFacts {
  readonly event: SiteEvent
  readonly site: Site
  readonly to: string
  readonly timeZone?: string | undefined
  readonly policies: TrialPolicies
  readonly brand: string
  readonly contact: string
  readonly consoleUrl: string
  readonly siteUrl: (hostname: string) => string
}

/** The mail about an event of an owner's site; undefined if there is nothing to say. Repeated events have one message. */
export const siteMail = (facts: SiteMailFacts): MailMessage | undefined => {
  const { event, site, to, brand, contact, consoleUrl, siteUrl } = facts
  const ownership = ownershipOf(site)
  if (ownership === undefined) return undefined
  const footer = `You get this because you own a ${brand} site. Questions? Write to ${contact}.`
  const message = { id: event.id.replace(/^evt_/, 'msg_'), to, footer }
  const { name, hostname } = ownership
  switch (event.type) {
    case 'SiteClaimed':
      return composeMail({
        ...message,
        subject: `Your site ${name} is ready`,
        paragraphs: [`Welcome to ${brand}. Your site ${name} is running.`],
        link: { text: 'Open your site', url: siteUrl(hostname) },
      })
    case 'SiteRequested':
      return composeMail({
        ...message,
        subject: `We are building your site ${name}`,
        paragraphs: [`Welcome to ${brand}. We are building your site ${name}. Open the link to follow the progress.`],
        link: { text: 'Open your site', url: siteUrl(hostname) },
      })
    case 'SiteFailed':
      return site.status !== 'failed'
        ? undefined
        : composeMail({
            ...message,
            subject: `Your site ${name} could not be built`,
            paragraphs: [
              `We are sorry: your site ${name} could not be built. ${site.failure.reason}`,
              'Your trial is still available, so you can try again at any time.',
            ],
            link: { text: 'Try again', url: consoleUrl },
          })
    default: {
      const { policies, timeZone } = facts
      const at = (instant: string): string => localTime(instant, timeZone)
      const money = billingMail(name, { event, site, policies, at })
      if (money !== undefined) {
        const { linkText, ...told } = money
        return composeMail({ ...message, ...told, link: { text: linkText, url: consoleUrl } })
      }
      const content = deadlineMail(name, { event, site, policies, at })
      if (content === undefined) return undefined
      const { action, ...said } = content
      const url = action.to === 'console' ? consoleUrl : siteUrl(hostname)
      return composeMail({ ...message, ...said, link: { text: action.text, url } })
    }
  }
}
