import { composeMail } from '../mail/mail-message.ts'
import type { MailMessage } from '../ports/delivery.ts'
import type { Signup } from './signup.ts'
import { codeOf, linkCodeOf, signupMinutes } from './signup.ts'

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
    paragraphs: [
      `Enter this code to continue. It is valid for ${signupMinutes} minutes and works once.`,
      // Somebody else may have ticked the box: a person who continues has read this.
      ...(signup.marketing === undefined
        ? []
        : [
            `If you continue, ${brand} may also e-mail you about offers and news. You can withdraw this at any time under “Your account”.`,
          ]),
    ],
    code: codeOf(codeSecret, signup.id),
    link: {
      text: 'Or continue here',
      url: `${consoleUrl}/#/signups/${signup.id}?code=${linkCodeOf(codeSecret, signup.id)}`,
    },
    footer: `You get this because somebody entered your address at ${brand}. If this was not you, ignore this mail.`,
  }),
  expiresAt: signup.expiresAt,
})
