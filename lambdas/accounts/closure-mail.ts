import type { Instant } from '../../core/instant.ts'
import { composeMail, localTime, type MailSender, messageIdOf } from '../../core/mail/mail-message.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import type { Account, Person } from './account.ts'
import { reopeningCode } from './closure-changes.ts'

interface Sender extends MailSender {
  readonly contact: string
  readonly consoleUrl: string
}

/** Confirms the closure; its link revokes it. The code is behind the `#`, so no server logs it. */
export const closureMail = ({
  account: { id },
  owner,
  closure,
  codeSecret,
  contact,
  consoleUrl,
  ...from
}: Sender & {
  readonly account: Pick<Account, 'id'>
  readonly owner: Pick<Person, 'email' | 'timeZone'>
  readonly closure: { readonly at: Instant; readonly until: Instant }
  readonly codeSecret: string
}): MailMessage =>
  composeMail({
    id: messageIdOf('closure', id, closure.at),
    to: owner.email,
    from,
    subject: `Your ${from.brand} account will be deleted`,
    paragraphs: [
      `You asked us to delete your ${from.brand} account. Your sites are suspended now, and their subscriptions are cancelled.`,
      `On ${localTime(closure.until, owner.timeZone)} we permanently delete your sites with their data and copies, and then your account. Until then, the link below keeps your account and your sites.`,
    ],
    link: {
      text: 'Keep my account and sites',
      url: `${consoleUrl}/#/keep/${id}?code=${reopeningCode(codeSecret, id, closure)}`,
    },
    footer: `You get this because you have an account at ${from.brand}. If you did not ask for this, open the link to keep your account, and write to ${contact}.`,
  })

/** Says that everything is deleted. It is sent just before the address is. */
export const erasureMail = ({
  person,
  expiresAt,
  contact,
  consoleUrl,
  ...from
}: Sender & {
  /** When it is of no more use, because it has the last copy of the address. */
  readonly expiresAt: Instant
  readonly person: Pick<Person, 'id' | 'email'>
}): MailMessage => ({
  ...composeMail({
    id: messageIdOf('erasure', person.id),
    to: person.email,
    from,
    subject: `Your ${from.brand} account is deleted`,
    paragraphs: [
      `We have deleted your ${from.brand} account and everything that we stored about you, including your address. This is our last mail.`,
      'Invoices stay with our payment provider for as long as the law requires.',
    ],
    link: { text: from.brand, url: consoleUrl },
    footer: `Questions? Write to ${contact}.`,
  }),
  expiresAt,
})
