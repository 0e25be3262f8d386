import { inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { timeLeft } from '../../core/mail/mail-words.ts'
import { endOfEnvironment, isEnvironment } from '../../core/site/environment.ts'
import { isLive } from '../../core/site/site.ts'
import { endOf } from '../endings/ending-mail.ts'

/** The mail about an environment that ends by its time; undefined for anything else, and for what is no longer true. */
export const environmentMail = (
  name: string,
  { event, site, now, at, policies, say }: MailFacts,
): MailContent | undefined => {
  if (!isEnvironment(site)) return undefined
  const { name: environment, follows } = site.environmentOf
  const until = endOfEnvironment(site)
  if (event.type === 'SiteReminded' && isLive(site) && until !== undefined && site.reminded.length > 0) {
    return {
      subject: say`The environment ${name} ends in ${timeLeft(now, until, say)}`,
      paragraphs: [
        say`The environment ${name} ends on ${at(until)}.`,
        say`To keep it, extend it in the console, or with: sitewright env extend ${environment}`,
      ],
      facts: [[say`Ends`, at(until)]],
      action: inConsole(say`See the environment`),
    }
  }
  const isOver = event.type === 'SiteSuspended' && event.actor.kind === 'system' && follows === undefined
  if (!isOver || site.status !== 'suspended' || site.deletion === undefined) return undefined
  const end = endOf(site, policies)
  if (end === undefined) return undefined
  return {
    subject: say`The environment ${name} has ended`,
    paragraphs: [
      say`The environment ${name} has ended. We will delete it permanently on ${at(end)}.`,
      say`Until then you can restore it with all its data in the console, or with: sitewright env restore ${environment}`,
    ],
    facts: [[say`Will be deleted`, at(end)]],
    action: inConsole(say`See the environment`),
  }
}
