import type { Actor } from '../../core/events/event.ts'
import type { Operator } from '../../core/ports/tokens.ts'
import type { Act } from '../../core/site/change-site.ts'

export const actorOf = ({ operatorId, role }: Operator): Actor => ({ kind: 'operator', operatorId, role })

/** What an operator does to a site, for its history. */
export const actOf = (siteId: string, { operator, requestId }: { operator: Operator; requestId: string }): Act => ({
  siteId,
  actor: actorOf(operator),
  causationId: requestId,
})
