import { canonicalEmail, emailHash } from '../../../core/email.ts'
import { notFound, refuse, SitewrightError } from '../../../core/errors.ts'
import { plusDays } from '../../../core/instant.ts'
import { senderOf } from '../../../core/mail/mail-message.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { Mailer } from '../../../core/ports/delivery.ts'
import type { Offers } from '../../offers/offers.ts'
import type { AuditEntry, AuditingPorts } from '../../operators/audit/audit-entry.ts'
import { type CountPorts, countInWindows } from '../../rate-limits/count-in-windows.ts'
import type { AccountStore } from '../ports.ts'
import { teamInvitationMail } from './invitation-mail.ts'
import {
  type Acting,
  type Invitation,
  invitationDays,
  type Member,
  maxMembers,
  type Role,
  type TeamStore,
} from './team.ts'

export interface InvitationPorts
  extends AuditingPorts,
    Omit<CountPorts, 'codeSecret'>,
    Pick<Context, 'brand' | 'consoleUrl' | 'clocks' | 'randomness'> {
  readonly team: TeamStore
  readonly accounts: AccountStore
  readonly mailer: Mailer
  readonly offers: Offers
}

/** Makes the entry of the audit log for what somebody does, with what it is about. */
export type Noting = (...targets: readonly string[]) => AuditEntry

/** Mails that an account may cause in a day: they go to people who have not asked for them. */
const mailsOfAccount = [{ limit: 20, minutes: 1440 }]

/** The mail goes first: whoever gets it finds the invitation, and without it there is none. */
const send = async (
  ports: InvitationPorts,
  acting: Acting,
  sent: { readonly invitation: Invitation; readonly before?: Invitation; readonly noting: Noting },
): Promise<void> => {
  const { invitation, before, noting } = sent
  // An account's id is nothing to be kept secret in the windows.
  await countInWindows({ ...ports, codeSecret: async () => '' }, [
    { of: 'invitations of account', name: invitation.accountId, limits: mailsOfAccount },
  ])
  const account = await ports.accounts.get(acting.accountId)
  const { consoleUrl, brand } = ports
  const sender = { consoleUrl, brand, ...senderOf(ports.offers.find(account?.offer), account) }
  await ports.mailer.send(teamInvitationMail(invitation, { ...sender, inviter: acting.email }))
  const isDone = await ports.team.invite(invitation, noting(acting.accountId, invitation.id), before)
  if (!isDone) notFound('This invitation was revoked or accepted meanwhile.')
}

const requireNewcomer = async (ports: InvitationPorts, { accountId }: Acting, email: string): Promise<void> => {
  const [holder, members, open, known] = await Promise.all([
    ports.accounts.getOwner(accountId),
    ports.team.members(accountId),
    ports.team.invitations(accountId, ports.clocks.wall()),
    ports.accounts.findByEmailHash(emailHash(email)),
  ])
  const isMember = members.some(({ personId }) => personId === known?.personId)
  if (isMember || (holder && canonicalEmail(holder.email) === canonicalEmail(email))) {
    refuse(`${email} is a member of this account already.`)
  }
  if (open.some((one) => one.emailHash === emailHash(email))) {
    refuse(`${email} is invited already. Mail that invitation again, or revoke it.`)
  }
  if (members.length + open.length >= maxMembers) {
    throw new SitewrightError('LimitsExceeded', `An account has at most ${maxMembers} members and invitations.`)
  }
}

/** @throws {SitewrightError} `TransitionNotAllowed`, `LimitsExceeded`, `RateLimited`, `Unavailable`. */
export const inviteMember = async (
  ports: InvitationPorts,
  acting: Acting,
  { email, role, noting }: { readonly email: string; readonly role: Role; readonly noting: Noting },
): Promise<void> => {
  await requireNewcomer(ports, acting, email)
  const createdAt = ports.clocks.wall()
  const invitation: Invitation = {
    ...{ schemaVersion: 1, id: ports.randomness.id('inv'), accountId: acting.accountId },
    ...{ email, emailHash: emailHash(email), role, invitedBy: acting.personId },
    ...{ createdAt, expiresAt: plusDays(createdAt, invitationDays) },
  }
  await send(ports, acting, { invitation, noting })
}

/** @throws {SitewrightError} `NotFound`. */
const requireInvitation = (found: readonly Invitation[], id: string, message: string): Invitation =>
  found.find((one) => one.id === id) ?? notFound(message)

const ofAccount = async ({ team, clocks }: InvitationPorts, { accountId }: Acting, id: string): Promise<Invitation> =>
  requireInvitation(await team.invitations(accountId, clocks.wall()), id, 'There is no such open invitation.')

/** @throws {SitewrightError} `NotFound`, `RateLimited`, `Unavailable`. */
export const resendInvitation = async (
  ports: InvitationPorts,
  acting: Acting,
  { id, noting }: { readonly id: string; readonly noting: Noting },
): Promise<void> => {
  const createdAt = ports.clocks.wall()
  const before = await ofAccount(ports, acting, id)
  const again = { ...before, createdAt, expiresAt: plusDays(createdAt, invitationDays), invitedBy: acting.personId }
  await send(ports, acting, { invitation: again, before, noting })
}

/** @throws {SitewrightError} `NotFound`. */
export const revokeInvitation = async (
  ports: InvitationPorts,
  acting: Acting,
  { id, noting }: { readonly id: string; readonly noting: Noting },
): Promise<void> => {
  const invitation = await ofAccount(ports, acting, id)
  await ports.team.withdraw(invitation, noting(acting.accountId, id))
}

/**
 * The open invitations to a person's address. Whoever was removed or has a lower role since could come back by one that they sent, or bring others
 * in, so it counts only while they are an owner. Nobody can join an account that is being deleted.
 */
export const invitationsOf = async (
  { team, clocks, accounts }: Pick<InvitationPorts, 'team' | 'clocks' | 'accounts'>,
  { email }: Acting,
): Promise<readonly Invitation[]> => {
  const found = await team.invitationsTo(emailHash(email), clocks.wall())
  const counting = found.map(async (one) => {
    const account = await accounts.get(one.accountId)
    if (account === undefined || account.closure !== undefined) return []
    return account.ownerId === one.invitedBy || (await team.member(one.accountId, one.invitedBy))?.role === 'owner'
      ? [one]
      : []
  })
  return (await Promise.all(counting)).flat()
}

/**
 * Makes the person a member. Only invitations to their own address are looked at, so whoever else has the link learns nothing.
 * @throws {SitewrightError} `NotFound`, also for an account that is being deleted, or if the inviter is no owner any more.
 */
export const acceptInvitation = async (
  ports: InvitationPorts,
  acting: Acting,
  { id, noting }: { readonly id: string; readonly noting: Noting },
): Promise<Pick<Member, 'accountId' | 'role'>> => {
  const { team, clocks, accounts } = ports
  const { personId } = acting
  const gone =
    'There is no such invitation for your address. It was for another address, was revoked or has expired, or whoever sent it is no owner of the account any more. Ask one of its owners for another one.'
  const invitation = requireInvitation(await invitationsOf(ports, acting), id, gone)
  const { accountId, role } = invitation
  const account = await accounts.get(accountId)
  if (account === undefined || account.closure !== undefined) return notFound(gone)
  const before = account.ownerId === personId ? { role: 'owner' as const } : await team.member(accountId, personId)
  if (before !== undefined) {
    await team.withdraw(invitation, noting(accountId, id))
    return { accountId, role: before.role }
  }
  const member = { schemaVersion: 1, accountId, personId, role, since: clocks.wall() } as const
  return (await team.accept(invitation, member, noting(accountId, id, personId))) ? member : notFound(gone)
}
