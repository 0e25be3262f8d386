import { composeMail, type MailSender, messageIdOf } from '../../../core/mail/mail-message.ts'
import { type Say, sayIn } from '../../../core/mail/mail-words.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import { type Invitation, invitationDays } from './team.ts'

const inWords = {
  viewer: (say: Say) => say`a viewer`,
  developer: (say: Say) => say`a developer`,
  owner: (say: Say) => say`an owner`,
} as const

/** Nothing in it was typed by a person but addresses: nobody sends texts of their own by it. */
export const teamInvitationMail = (
  invitation: Pick<Invitation, 'id' | 'email' | 'role' | 'createdAt' | 'expiresAt'>,
  { inviter, consoleUrl, ...from }: MailSender & { readonly inviter: string; readonly consoleUrl: string },
): MailMessage => {
  const say = sayIn(from.language)
  return {
    ...composeMail({
      id: messageIdOf('invitation', invitation.id, invitation.createdAt),
      to: invitation.email,
      from,
      subject: say`${inviter} invites you to a team at ${from.brand}`,
      paragraphs: [
        say`${inviter} invites you as ${inWords[invitation.role](say)} to their team at ${from.brand}.`,
        say`Sign in with this address, ${invitation.email}, within ${invitationDays} days and accept. The invitation works for this address alone.`,
      ],
      link: { text: say`See the invitation`, url: `${consoleUrl}/#/invitations/${invitation.id}` },
      footer: say`You get this because somebody entered your address at ${from.brand}. If you do not know them, ignore this mail.`,
    }),
    expiresAt: invitation.expiresAt,
  }
}
