import { composeMail, type MailSender, messageIdOf } from '../../../core/mail/mail-message.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import { type Invitation, invitationDays } from './team.ts'

const inWords = { viewer: 'a viewer', developer: 'a developer', owner: 'an owner' } as const

/** Nothing in it was typed by a person but addresses: nobody sends texts of their own by it. */
export const teamInvitationMail = (
  invitation: Pick<Invitation, 'id' | 'email' | 'role' | 'createdAt' | 'expiresAt'>,
  { inviter, consoleUrl, ...from }: MailSender & { readonly inviter: string; readonly consoleUrl: string },
): MailMessage => ({
  ...composeMail({
    id: messageIdOf('invitation', invitation.id, invitation.createdAt),
    to: invitation.email,
    from,
    subject: `Invitation to a team at ${from.brand}`,
    paragraphs: [
      `${inviter} invites you as ${inWords[invitation.role]} to their team at ${from.brand}.`,
      `Sign in with this address, ${invitation.email}, within ${invitationDays} days and accept. The invitation works for this address alone.`,
    ],
    link: { text: 'See the invitation', url: `${consoleUrl}/#/invitations/${invitation.id}` },
    footer: `You get this because somebody entered your address at ${from.brand}. If you do not know them, ignore this mail.`,
  }),
  expiresAt: invitation.expiresAt,
})
