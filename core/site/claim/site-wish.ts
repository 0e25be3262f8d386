import type { IdempotentRequest } from '../../idempotency.ts'
import { idempotencyRecord } from '../../idempotency.ts'
import type { SiteId } from '../../ids.ts'
import type { ChangeContext, Reservations } from '../change.ts'
import type { Ownership } from '../site.ts'

/** What somebody wants: a site of this blueprint under this name, once. */
export interface SiteWish {
  readonly ownership: Ownership
  readonly blueprint: string
  readonly idempotent?: IdempotentRequest
  readonly context: ChangeContext
}

/** What must be free for the wish to come true with this very site. */
export const reservationsFor = ({ ownership, idempotent, context }: SiteWish, siteId: SiteId): Reservations => ({
  hostname: ownership.hostname,
  trial: ownership.accountId,
  ...(idempotent === undefined ? {} : { idempotency: idempotencyRecord(idempotent, siteId, context.clocks.wall()) }),
})
