import { SitewrightError } from '../../core/errors.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import { composeMail, type MailSender, senderOf } from '../../core/mail/mail-message.ts'
import { sayIn } from '../../core/mail/mail-words.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../core/ports/delivery.ts'
import type { Offers } from '../offers/offers.ts'
import { type CountPorts, countUse, type Subject } from '../rate-limits/count-in-windows.ts'
import type { AbusePolicy } from './abuse/abuse-policy.ts'
import { codeOf, linkCodeOf, type Signup, type SignupMails, type SignupStore, signupMinutes } from './signup.ts'

/**
 * The mail with the sign-in code and a link to a page with a button: mail scanners follow links, and a code works once.
 * The link's code is behind the `#`, so no server logs it. The subject has the code: it can be read without opening the mail.
 */
export const signupMail = (
  facts: MailSender & {
    readonly signup: Pick<Signup, 'id' | 'email' | 'expiresAt' | 'marketing'>
    readonly codeSecret: string
    readonly consoleUrl: string
  },
): MailMessage => {
  const { signup, codeSecret, consoleUrl, ...from } = facts
  const code = codeOf(codeSecret, signup.id)
  const { brand } = from
  const say = sayIn(from.language)
  return {
    ...composeMail({
      id: signup.id.replace(/^sgn_/, 'msg_'),
      from,
      to: signup.email,
      subject: say`${code} is your ${brand} code`,
      title: say`Your ${brand} code`,
      paragraphs: [
        say`Enter this code to continue. It works once, within ${signupMinutes} minutes after it was requested.`,
      ],
      code,
      link: {
        text: say`Sign in`,
        // Somebody else may have ticked the box: the page asks the person who follows the link.
        url: `${consoleUrl}/#/signups/${signup.id}?code=${linkCodeOf(codeSecret, signup.id)}${signup.marketing ? '&ask=marketing' : ''}`,
      },
      footer: say`You get this because somebody entered your address at ${brand}. If this was not you, ignore this mail.`,
    }),
    expiresAt: signup.expiresAt,
  }
}

export interface MailCodePorts extends CountPorts, Pick<Context, 'brand' | 'consoleUrl'> {
  readonly abuse: AbusePolicy
  readonly mailer: Mailer
  readonly offers: Offers
}

export const mailsTo = ({ mails }: AbusePolicy, emailHash: string): Subject => ({
  of: 'mails of address',
  name: emailHash,
  limits: mails.address,
})

/**
 * The limits of mails to all addresses `name+anything@` of a mailbox together, for those without an account: with an account, the
 * address has its own limit alone, so nobody can keep its owner out.
 */
export const mailsToPlus = ({ mails }: AbusePolicy, mailbox: string): Subject => ({
  of: 'mails of plus addresses',
  name: mailbox,
  limits: mails.address,
})

/** How long the code of the last mail stays valid for new sign-ups: as long as no mail may go out. */
export const codeKeptUntil = ({ clocks, abuse }: MailCodePorts): string =>
  plusMilliseconds(clocks.wall(), Math.max(0, ...abuse.mails.address.map(({ minutes }) => minutes)) * 60_000)

/** Counts a mail against the limit for all addresses. @returns whether it has to wait. */
export const isMailCrowded = async (ports: MailCodePorts, of: 'mails' | 'queued mails'): Promise<boolean> => {
  const { share } = await countUse(ports, [{ of, name: '', limits: ports.abuse.mails.everyone }])
  return share > 1
}

/** A repeated message is sent once. */
export const mailCode = async (ports: MailCodePorts, signup: Signup): Promise<void> => {
  const sender = senderOf(ports.offers.find(signup.offer), signup)
  return ports.mailer.send(signupMail({ ...ports, ...sender, signup, codeSecret: await ports.codeSecret() }))
}

export interface MailQueuedPorts extends MailCodePorts, Pick<Context, 'log' | 'monotonic'> {
  readonly signups: Pick<SignupStore, 'get'>
  readonly signupMails: Pick<SignupMails, 'queued' | 'unqueue'>
}

const maxAtOnce = 1000
/** What runs after it has its turn however long the queue is. */
const mailingMilliseconds = 30_000

/**
 * Mails the codes that wait in the queue, the oldest first, up to the limit for all addresses.
 * @throws {SitewrightError} `Unavailable` at the end if one could not be mailed.
 */
export const mailQueuedCodes = async (ports: MailQueuedPorts): Promise<void> => {
  const { signups, signupMails, clocks, log } = ports
  const until = ports.monotonic() + mailingMilliseconds
  let failed = 0
  for (const entry of await signupMails.queued(maxAtOnce)) {
    if (ports.monotonic() >= until) break
    const signup = await signups.get(entry.id)
    try {
      if (signup !== undefined && signup.usedAt === undefined && signup.expiresAt > clocks.wall()) {
        if (await isMailCrowded(ports, 'queued mails')) break
        await mailCode(ports, signup)
      }
      await signupMails.unqueue(entry)
    } catch (error) {
      failed += 1
      log.warn({ signupId: entry.id, err: error }, 'a queued code could not be mailed')
    }
  }
  if (failed > 0) throw new SitewrightError('Unavailable', `${failed} queued codes could not be mailed.`)
}
