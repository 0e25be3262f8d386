import { isErrorOfKind } from '../../../core/errors.ts'
import type { Context } from '../../../core/ports/context.ts'
import { authenticate } from '../../_runtime/authenticate.ts'
import { type HttpRoute, type OwnerPorts, ownerEndpoint, publicEndpoint } from '../../_runtime/endpoint.ts'
import { endedCookie } from '../../_runtime/session-cookie.ts'
import { blueprintsOf, type Offers } from '../../offers/offers.ts'
import { offerOfRequest } from '../../offers/session-offer.ts'
import {
  type AuditEntry,
  type AuditingPorts,
  type AuditOrigin,
  auditEntry,
  personAudited,
} from '../../operators/audit/audit-entry.ts'
import type { AccountStore, SessionStore } from '../ports.ts'
import { operationsOf } from '../team/rights.ts'
import { sessionOperations as operations } from './operations.ts'
import { type Session, sessionIdOf } from './session-facts.ts'
import { idleEnd, ownerSessionLife } from './session-life.ts'
import { requireListed, sessionListView } from './views.ts'

export interface SessionRoutePorts
  extends OwnerPorts,
    AuditingPorts,
    Pick<Context, 'clocks' | 'contact' | 'offeredBlueprints'> {
  readonly offers: Offers
  readonly sessions: SessionStore
  readonly accounts: Pick<AccountStore, 'get'>
}

interface From {
  readonly requestId: string
  readonly session: Session
  readonly from: AuditOrigin
}

export const sessionRoutes = (ports: SessionRoutePorts): readonly HttpRoute[] => {
  const { sessions, clocks } = ports
  const listOf = ({ personId }: Session) => sessions.listOf(personId, clocks.wall())

  const signOut = (
    { session, from, requestId }: From,
    ended: Pick<AuditEntry, 'targets'> & Partial<Pick<AuditEntry, 'reason'>>,
  ): AuditEntry => auditEntry(ports, { who: personAudited(session), action: 'signOut', from, requestId, ...ended })

  const revoke = (revoked: Session, by: From): Promise<void> => {
    const targets = [revoked.accountId, sessionIdOf(revoked.tokenHash)]
    return sessions.end(revoked.tokenHash, signOut(by, { targets, reason: 'Ended from another session.' }))
  }

  return [
    ownerEndpoint(operations.getSession, ports, async (_input, { session }) => ({
      body: {
        account: { id: session.accountId, email: session.email },
        session: { expiresAt: session.expiresAt, idleEndsAt: idleEnd(session, ownerSessionLife) },
        now: clocks.domain(),
        contact: ports.contact,
      },
    })),
    publicEndpoint(operations.findSession, async ({ headers, query }, { cookies }) => {
      const session = await authenticate(ports, { headers, cookies: [...cookies] }).catch((error: unknown) => {
        if (!isErrorOfKind(error, 'Unauthenticated')) throw error
        return undefined
      })
      const may = session === undefined ? null : operationsOf(session.rank)
      const { email = null, blueprint = null } = session ?? {}
      const account = session && (await ports.accounts.get(session.accountId))
      const isClosed = account?.closure !== undefined
      const held = (session?.rank === 'holder' ? session : account) ?? {}
      const { offer } = await offerOfRequest(ports, query, held, async () => account)
      const blueprints = [...blueprintsOf(ports.offers.find(offer), ports)]
      return { body: { email, blueprint, blueprints, now: clocks.domain(), may, isClosed } }
    }),
    ownerEndpoint(operations.endSession, ports, async (_input, by) => {
      await sessions.end(by.session.tokenHash, signOut(by, { targets: [by.session.accountId] }))
      return { status: 204, cookies: [endedCookie(ports.consoleUrl, 'owner')] }
    }),
    ownerEndpoint(operations.listSessions, ports, async (_input, { session }) => ({
      body: sessionListView(await listOf(session), session.tokenHash, ownerSessionLife),
    })),
    ownerEndpoint(operations.endOtherSessions, ports, async (_input, by) => {
      for (const other of await listOf(by.session)) {
        if (other.tokenHash !== by.session.tokenHash) await revoke(other, by)
      }
      return { status: 204 }
    }),
    ownerEndpoint(operations.revokeSession, ports, async ({ params }, by) => {
      const revoked = requireListed(await listOf(by.session), params.id)
      await revoke(revoked, by)
      const isOwn = revoked.tokenHash === by.session.tokenHash
      return { status: 204, ...(isOwn ? { cookies: [endedCookie(ports.consoleUrl, 'owner')] } : {}) }
    }),
  ]
}
