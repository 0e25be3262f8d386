import type { Instant } from '../../core/instant.ts'
import { composeMail, type MailSender, messageIdOf } from '../../core/mail/mail-message.ts'
import { localTime, sayIn } from '../../core/mail/mail-words.ts'
import type { Context } from '../../core/ports/context.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import type { Account, Person } from './account.ts'
import { reopeningCode } from './closure-changes.ts'

type Sender = MailSender & Pick<Context, 'contact' | 'consoleUrl'>

/** Confirms the closure; its link revokes it. The code is behind the `#`, so no server logs it. */
export const closureMail = (
  facts: Sender & {
    readonly account: Pick<Account, 'id'>
    readonly owner: Pick<Person, 'email' | 'timeZone'>
    readonly closure: { readonly at: Instant; readonly until: Instant }
    readonly codeSecret: string
  },
): MailMessage => {
  const { account, owner, closure, codeSecret, contact, consoleUrl, ...from } = facts
  const { id } = account
  const say = sayIn(from.language)
  return composeMail({
    id: messageIdOf('closure', id, closure.at),
    to: owner.email,
    from,
    subject: say`Your ${from.brand} account will be deleted`,
    paragraphs: [
      say`You asked us to delete your ${from.brand} account. Your sites are suspended now, and their subscriptions are cancelled.`,
      say`On ${localTime(closure.until, owner.timeZone, from.language)} we permanently delete your sites with their data and copies, and then your account. Until then, the link below keeps your account and your sites. Sites that you deleted before stay deleted.`,
    ],
    link: {
      text: say`Keep my account and sites`,
      url: `${consoleUrl}/#/keep/${id}?code=${reopeningCode(codeSecret, id, closure)}`,
    },
    footer: say`You get this because you have an account at ${from.brand}. If you did not ask for this, open the link to keep your account, and write to ${contact}.`,
  })
}

/** Says that the account is deleted: nothing is left to open. It is sent just before the address is. */
export const erasureMail = (
  facts: Sender & {
    /** When it is of no more use, because it has the last copy of the address. */
    readonly expiresAt: Instant
    readonly person: Pick<Person, 'id' | 'email'>
  },
): MailMessage => {
  const { person, expiresAt, contact, ...from } = facts
  const say = sayIn(from.language)
  return {
    ...composeMail({
      id: messageIdOf('erasure', person.id),
      to: person.email,
      from,
      subject: say`Your ${from.brand} account is deleted`,
      paragraphs: [
        say`We have deleted your ${from.brand} account and your personal data, including your address. Our security log and backups keep some of it for a limited time. This is our last mail.`,
        say`Invoices stay with our payment provider for as long as the law requires.`,
      ],
      footer: say`Questions? Write to ${contact}.`,
    }),
    expiresAt,
  }
}
