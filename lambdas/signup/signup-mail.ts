import { composeMail } from '../../core/mail/mail-message.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import { codeOf, linkCodeOf, type Signup, signupMinutes } from './signup.ts'

/**
 * The mail with the sign-in code and a link to a page with a button: mail scanners follow links, and a code works once.
 * The link's code is behind the `#`, so no server logs it. The subject has no code: locked screens show it.
 */
export const signupMail = ({
  signup,
  codeSecret,
  brand,
  consoleUrl,
  sender,
}: {
  signup: Signup
  codeSecret: string
  brand: string
  consoleUrl: string
  sender?: string
}): MailMessage => ({
  ...composeMail({
    id: signup.id.replace(/^sgn_/, 'msg_'),
    to: signup.email,
    sender,
    subject: `Your ${brand} code`,
    paragraphs: [`Enter this code to continue. It is valid for ${signupMinutes} minutes and works once.`],
    code: codeOf(codeSecret, signup.id),
    link: {
      text: 'Or continue here',
      // Somebody else may have ticked the box: the page asks the person who follows the link.
      url: `${consoleUrl}/#/signups/${signup.id}?code=${linkCodeOf(codeSecret, signup.id)}${signup.marketing ? '&ask=marketing' : ''}`,
    },
    footer: `You get this because somebody entered your address at ${brand}. If this was not you, ignore this mail.`,
  }),
  expiresAt: signup.expiresAt,
})
