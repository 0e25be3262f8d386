import { composeMail } from '../mail/mail-message.ts'
import type { MailMessage } from '../ports/delivery.ts'
import type { Signup } from './signup.ts'
import { signupMinutes } from './signup.ts'

/**
 * The code, and a link that brings it along. The link leads to a page with a button: programs that read mail follow
 * links, and a code is used once. The code stands behind the `#`, so it reaches no server's log.
 * The mail is of no use once the sign-up has expired.
 */
export const signupMail = ({
  signup,
  code,
  brand,
  consoleUrl,
}: {
  signup: Signup
  code: string
  brand: string
  consoleUrl: string
}): MailMessage => ({
  ...composeMail({
    id: signup.id.replace(/^sgn_/, 'msg_'),
    to: signup.email,
    subject: `${code} is your ${brand} code`,
    paragraphs: [`Enter this code to go on. It is good for ${signupMinutes} minutes and works once.`],
    code,
    link: { text: 'Or continue here', url: `${consoleUrl}/#/signups/${signup.id}?code=${code}` },
    footer: `You get this because somebody entered your address at ${brand}. If it was not you, there is nothing to do.`,
  }),
  expiresAt: signup.expiresAt,
})
