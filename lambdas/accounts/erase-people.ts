import { eachApart } from '../../core/each-at-once.ts'
import { plusDays, plusMilliseconds } from '../../core/instant.ts'
import { senderOf } from '../../core/mail/mail-message.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import type { Payments } from '../../core/ports/payments.ts'
import { forgetRequests, type RequestContactPorts } from '../leads/request-contact.ts'
import type { Offers } from '../offers/offers.ts'
import { type AuditingPorts, auditEntry, personAudited } from '../operators/audit/audit-entry.ts'
import type { CodeSecret } from '../rate-limits/count-in-windows.ts'
import type { WaitingList } from '../trials/waiting-list/waiting-entry.ts'
import type { Person } from './account.ts'
import { closureMail, erasureMail } from './closure-mail.ts'
import type { TaskOf } from './closure-task.ts'
import type { AccountStore, ClosureTasks, PersonalFiles, PersonEraser } from './ports.ts'
import type { TeamEraser, TeamStore } from './team/team.ts'

export interface ErasePeoplePorts extends AuditingPorts, Pick<Context, 'brand' | 'contact' | 'consoleUrl' | 'log'> {
  readonly closureTasks: ClosureTasks
  readonly accounts: Pick<AccountStore, 'get' | 'getPerson'>
  readonly personEraser: PersonEraser
  readonly team: Pick<TeamStore, 'accountsOf'>
  readonly teamEraser: TeamEraser
  readonly leads: RequestContactPorts['leads']
  readonly personalFiles: PersonalFiles
  readonly waitingList: Pick<WaitingList, 'leave'>
  readonly mailer: Mailer
  readonly offers: Offers
  readonly codeSecret: CodeSecret
}

/** Mails the link. A closure that was revoked or has ended meanwhile has no mail. */
const mailLink = async (ports: ErasePeoplePorts, task: TaskOf<'mail'>): Promise<void> => {
  const account = await ports.accounts.get(task.accountId)
  const { closure, ownerId } = account ?? {}
  const owner = ownerId && (await ports.accounts.getPerson(ownerId))
  const isAsked = closure?.state === 'closed' && closure.at === task.at
  if (account !== undefined && owner !== undefined && isAsked && closure.until !== undefined) {
    const { at, until } = closure
    const sender = senderOf(ports.offers.find(account.offer), account)
    const codeSecret = await ports.codeSecret()
    await ports.mailer.send(closureMail({ ...ports, ...sender, account, owner, closure: { at, until }, codeSecret }))
  }
  await ports.closureTasks.remove(task)
}

/** For how long AWS keeps events that failed, which an operator delivers again. */
const lateEventDays = 14

/** Longer than any function that read the person before may still run. */
const settleMilliseconds = 60_000

/**
 * Removes the person from the tables: at the first check, and what was being written meanwhile at a second one. The mail goes before the address
 * does, and the person last, so that a crash repeats all of it.
 * @returns whether nothing is left there.
 */
const eraseFromTables = async (
  ports: ErasePeoplePorts,
  task: TaskOf<'person'>,
  { person, emailHash }: { readonly person: Person | undefined; readonly emailHash: string },
): Promise<boolean> => {
  const { closureTasks, accounts, mailer, personEraser, waitingList, clocks } = ports
  const { accountId, personId, checkAgainAt } = task
  if (person !== undefined) {
    const noted = { ...task, emailHash, checkAgainAt: plusMilliseconds(clocks.domain(), settleMilliseconds) }
    await closureTasks.replace(task, noted)
    const account = await accounts.get(accountId)
    const brand = senderOf(ports.offers.find(account?.offer), task)
    await mailer.send(erasureMail({ ...ports, ...brand, person, expiresAt: plusDays(clocks.wall(), 1) }))
  } else if (checkAgainAt !== undefined && checkAgainAt > clocks.domain()) return false
  await personEraser.eraseAccess({ personId, emailHash }, () =>
    auditEntry(ports, {
      ...{ who: personAudited({ personId }), action: 'signOut', targets: [accountId], from: { network: 'unknown' } },
      reason: 'The account was erased.',
    }),
  )
  // Before the memberships go, by which these leads are found.
  for (const other of await ports.team.accountsOf(personId)) await forgetRequests(ports.leads, other, personId)
  await ports.teamEraser.erasePerson({ personId, emailHash })
  await ports.teamEraser.eraseAccount(accountId)
  await waitingList.leave(accountId)
  const reportsUntil = plusDays(clocks.wall(), lateEventDays)
  await personEraser.erasePerson({ personId, accountId, ...(person === undefined && { reportsUntil }) })
  return person === undefined
}

const erase = async (ports: ErasePeoplePorts, task: TaskOf<'person'>): Promise<void> => {
  const { closureTasks, accounts, personalFiles } = ports
  const person = await accounts.getPerson(task.personId)
  const emailHash = person?.emailHash ?? task.emailHash
  if (emailHash === undefined) return closureTasks.remove(task)
  // Once is enough: it also ends a sign-up of a new person with the same address.
  if (task.isErased !== true && !(await eraseFromTables(ports, task, { person, emailHash }))) return
  if (await personalFiles.erase(emailHash)) return closureTasks.remove(task)
  if (task.isErased !== true) await closureTasks.replace(task, { ...task, isErased: true })
}

async function* mailsAndPeople({ closureTasks }: ErasePeoplePorts) {
  yield* closureTasks.list('mail')
  yield* closureTasks.list('person')
}

/**
 * Mails the links of closures, and removes the people of erased accounts.
 * @throws {SitewrightError} `Unavailable` at the end if one failed.
 */
export const erasePeople = (ports: ErasePeoplePorts): Promise<void> =>
  eachApart(
    mailsAndPeople(ports),
    {
      log: ports.log,
      named: ({ accountId }) => ['accountId', accountId],
      failed: 'the person of a closed account could not be mailed or erased',
      summary: 'Not erased',
    },
    (task) => (task.kind === 'mail' ? mailLink(ports, task) : erase(ports, task)),
  )

export interface RedactCustomersPorts extends Pick<Context, 'clocks' | 'log'> {
  readonly closureTasks: Pick<ClosureTasks, 'list' | 'remove'>
  readonly payments: Pick<Payments, 'redactCustomer'>
}

/** A checkout that was open at the erasure can write a name until it expires after a day. */
const writableDays = 2

/**
 * Removes names and addresses from customers at Stripe: at once, and again until nothing can write them any more.
 * @throws {SitewrightError} `Unavailable` at the end if one failed.
 */
export const redactCustomers = (ports: RedactCustomersPorts): Promise<void> =>
  eachApart(
    ports.closureTasks.list('customer'),
    {
      log: ports.log,
      named: ({ accountId }) => ['accountId', accountId],
      failed: 'a customer could not be redacted',
      summary: 'Not redacted at Stripe',
    },
    async (task) => {
      await ports.payments.redactCustomer(task.customerId)
      if (plusDays(task.at, writableDays) <= ports.clocks.domain()) await ports.closureTasks.remove(task)
    },
  )
