import type { Actor } from '../../core/events/actor.ts'
import type { OwnerAct } from '../../core/site/change-site.ts'
import { requireOpenAccount } from '../accounts/close-account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { Session } from '../accounts/session/session-facts.ts'
import type { Acting } from '../accounts/team/team.ts'
import type { AuditOrigin } from '../operators/audit/audit-entry.ts'
import type { Answer } from './answer.ts'
import { type HttpRoute, type OwnerPorts, ownerEndpoint } from './endpoint.ts'
import type { Operation, OperationInput } from './operation.ts'

export interface ActEndpointPorts extends OwnerPorts {
  readonly accounts: AccountStore
}

/** An operation of owners that is refused while their account is closed. */
export const actEndpoint = <Known extends Operation & { audience: 'owner' }>(
  operation: Known,
  ports: ActEndpointPorts,
  handle: (
    input: OperationInput<Known>,
    context: { requestId: string; session: Acting; from: AuditOrigin },
  ) => Promise<Answer>,
): HttpRoute =>
  ownerEndpoint(operation, ports, async (input, context) => {
    await requireOpenAccount(ports, context.session.accountId)
    return handle(input, context)
  })

export const ownerActor = ({ personId }: Session): Actor => ({ kind: 'owner', personId })

export const actOf = (siteId: string, { session, requestId }: { session: Session; requestId: string }): OwnerAct => ({
  siteId,
  accountId: session.accountId,
  actor: ownerActor(session),
  causationId: requestId,
})
