import type * as z from 'zod'
import { emailHash } from '../../../core/email.ts'
import type { AccountId, PersonId } from '../../../core/ids.ts'
import { actEndpoint } from '../../_runtime/act-endpoint.ts'
import { type HttpRoute, type OwnerPorts, ownerEndpoint } from '../../_runtime/endpoint.ts'
import { httpHandler } from '../../_runtime/http-handler.ts'
import { type AuditOrigin, auditEntry, personAudited } from '../../operators/audit/audit-entry.ts'
import {
  acceptInvitation,
  type InvitationPorts,
  invitationsOf,
  inviteMember,
  type Noting,
  resendInvitation,
  revokeInvitation,
} from './invitations.ts'
import { changeMember, createToken, type MemberPorts, removeMember, revokeToken } from './members.ts'
import {
  type accountListSchema,
  teamOperations as operations,
  type teamViewSchema,
  type tokenListSchema,
} from './operations.ts'
import type { Acting, Invitation, Role } from './team.ts'

type TeamRoutePorts = InvitationPorts & MemberPorts & OwnerPorts

const teamRoutes = (ports: TeamRoutePorts): readonly HttpRoute[] => {
  const { team, accounts, clocks } = ports
  const emailOf = async (id: PersonId): Promise<string | null> => (await accounts.getPerson(id))?.email ?? null

  const notingOf =
    (action: string, { session, from, requestId }: { session: Acting; from: AuditOrigin; requestId: string }): Noting =>
    (...targets) =>
      auditEntry(ports, { who: personAudited(session), action, targets: [...targets], from, requestId })

  const invitationViews = (found: readonly Invitation[]) =>
    Promise.all(
      found.map(async ({ id, email, role, invitedBy, createdAt, expiresAt }) => {
        return { id, email, role, invitedBy: await emailOf(invitedBy), createdAt, expiresAt }
      }),
    )

  const teamView = async ({ accountId, personId, rank }: Acting): Promise<z.infer<typeof teamViewSchema>> => {
    const [account, members, invitations] = await Promise.all([
      accounts.get(accountId),
      team.members(accountId),
      team.invitations(accountId, clocks.wall()),
    ])
    const holder = account && { personId: account.ownerId, role: 'owner' as const, since: account.createdAt }
    return {
      role: rank === 'holder' ? 'owner' : rank,
      members: await Promise.all(
        [...(holder ? [holder] : []), ...members].map(async ({ personId: id, role, since }) => ({
          ...{ id, email: await emailOf(id), role, since },
          ...{ holder: id === holder?.personId, you: id === personId },
        })),
      ),
      invitations: await invitationViews(invitations),
    }
  }

  const accountView = async (id: AccountId, role: Role, personId: PersonId) => {
    const account = await accounts.get(id)
    const name = account?.company ?? (account && (await emailOf(account.ownerId))) ?? id
    return { id, name, role, own: account?.ownerId === personId }
  }

  const accountsView = async ({ personId, ...session }: Acting): Promise<z.infer<typeof accountListSchema>> => {
    const ids = await team.accountsOf(personId)
    const own = (await accounts.findByEmailHash(emailHash(session.email)))?.accountId ?? session.accountId
    const others = await Promise.all(
      ids.map(async (id) => {
        const member = await team.member(id, personId)
        return member === undefined ? [] : [await accountView(id, member.role, personId)]
      }),
    )
    return { accounts: [await accountView(own, 'owner', personId), ...others.flat()] }
  }

  const tokensView = async ({ accountId, personId }: Acting): Promise<z.infer<typeof tokenListSchema>['tokens']> => {
    const tokens = (await team.tokens(accountId)).toSorted((one, other) => (one.id < other.id ? 1 : -1))
    return Promise.all(
      tokens.map(async ({ tokenHash: _, schemaVersion: __, accountId: ___, byHolder: ____, ...token }) => ({
        ...token,
        ...{ siteId: token.siteId ?? null, createdBy: await emailOf(token.createdBy), usedAt: token.usedAt ?? null },
        you: token.createdBy === personId,
      })),
    )
  }

  return [
    ownerEndpoint(operations.listAccounts, ports, async (_input, { session }) => ({
      body: await accountsView(session),
    })),
    ownerEndpoint(operations.listOwnInvitations, ports, async (_input, { session }) => {
      return { body: { invitations: await invitationViews(await invitationsOf(ports, session)) } }
    }),
    ownerEndpoint(operations.acceptInvitation, ports, async ({ params }, context) => {
      const { session } = context
      const noting = notingOf('acceptInvitation', context)
      const { accountId, role } = await acceptInvitation(ports, session, { id: params.id, noting })
      return { body: await accountView(accountId, role, session.personId) }
    }),
    ownerEndpoint(operations.getTeam, ports, async (_input, { session }) => ({ body: await teamView(session) })),
    actEndpoint(operations.inviteMember, ports, async ({ body }, context) => {
      await inviteMember(ports, context.session, { ...body, noting: notingOf('inviteMember', context) })
      return { status: 201, body: await teamView(context.session) }
    }),
    actEndpoint(operations.resendInvitation, ports, async ({ params: { id } }, context) => {
      await resendInvitation(ports, context.session, { id, noting: notingOf('resendInvitation', context) })
      return { body: await teamView(context.session) }
    }),
    ownerEndpoint(operations.revokeInvitation, ports, async ({ params: { id } }, context) => {
      await revokeInvitation(ports, context.session, { id, noting: notingOf('revokeInvitation', context) })
      return { status: 204 }
    }),
    actEndpoint(operations.changeMember, ports, async ({ params: { id }, body: { role } }, context) => {
      await changeMember(ports, context.session, { id, role, noting: notingOf('changeMember', context) })
      return { body: await teamView(context.session) }
    }),
    ownerEndpoint(operations.removeMember, ports, async ({ params: { id } }, context) => {
      await removeMember(ports, context.session, { id, noting: notingOf('removeMember', context) })
      return { status: 204 }
    }),
    ownerEndpoint(operations.listTokens, ports, async (_input, { session }) => ({
      body: { tokens: await tokensView(session) },
    })),
    actEndpoint(operations.createToken, ports, async ({ body }, context) => {
      const token = await createToken(ports, context.session, { ...body, noting: notingOf('createToken', context) })
      return { status: 201, body: { token, tokens: await tokensView(context.session) } }
    }),
    ownerEndpoint(operations.revokeToken, ports, async ({ params: { id } }, context) => {
      await revokeToken(ports, context.session, { id, noting: notingOf('revokeToken', context) })
      return { status: 204 }
    }),
  ]
}

export const create = (ports: TeamRoutePorts) => httpHandler(teamRoutes(ports), ports)
