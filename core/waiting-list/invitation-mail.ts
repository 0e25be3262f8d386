import { createHash } from 'node:crypto'
import { composeMail } from '../mail/compose-mail.ts'
import type { MailMessage } from '../ports/delivery.ts'
import type { InvitedEntry } from './waiting-entry.ts'

const digits = '0123456789abcdefghjkmnpqrstvwxyz'

/** The same for every try to tell somebody of one turn, so that it is told once. */
const messageId = ({ accountId, joinedAt }: InvitedEntry): string => {
  const hash = createHash('sha256').update(`turn\n${accountId}\n${joinedAt}`).digest()
  const text = [...hash.subarray(0, 25)].map((byte) => digits[byte % digits.length]).join('')
  return `msg_0${text}`
}

/** How long an invitation is good for. */
export const invitationDays = 3

export const invitationMail = (
  entry: InvitedEntry,
  { to, brand, consoleUrl }: { readonly to: string; readonly brand: string; readonly consoleUrl: string },
): MailMessage => ({
  ...composeMail({
    id: messageId(entry),
    to,
    subject: `Your ${brand} site: it is your turn`,
    paragraphs: [
      `There is room for your trial now. Your place is kept for ${invitationDays} days; sign in and choose a name for your site.`,
    ],
    link: { text: 'Get your site', url: consoleUrl },
    footer: `You get this because you asked ${brand} for a trial and are on the waiting list.`,
  }),
  expiresAt: entry.until,
})
