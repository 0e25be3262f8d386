import type { Id } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Page } from '../../core/ports/stores.ts'
import type { WebhookAnswer, WebhookAttempt, WebhookDelivery } from './webhook-delivery.ts'
import type { WebhookEndpoint } from './webhook-endpoint.ts'

export interface WebhookEndpoints {
  /** Oldest first; strongly consistent. */
  readonly list: () => Promise<readonly WebhookEndpoint[]>
  readonly read: (id: Id<'hook'>) => Promise<WebhookEndpoint | undefined>
  /** @returns false if it was changed or removed since the version before. */
  readonly write: (next: WebhookEndpoint) => Promise<boolean>
  readonly remove: (id: Id<'hook'>) => Promise<void>
}

export interface WebhookDeliveries {
  /** Leaves a delivery of the same message to the same endpoint as it is. */
  readonly queue: (delivery: WebhookDelivery) => Promise<void>
  /** Replaces a delivery of the same message to the same endpoint. */
  readonly requeue: (delivery: WebhookDelivery) => Promise<void>
  /** Earliest first. Also those due two days later and after that: no pause is so long, so the clock was ahead. */
  readonly due: (until: Instant) => AsyncIterable<WebhookDelivery>
  /** Replaces a delivery, or removes it. @returns false if it was replaced or removed since it was read. */
  readonly replace: (delivery: WebhookDelivery, next: WebhookDelivery | undefined) => Promise<boolean>
}

/** The attempts of the last weeks. */
export interface WebhookLog {
  readonly append: (attempt: WebhookAttempt) => Promise<void>
  readonly find: (endpointId: Id<'hook'>, id: Id<'att'>) => Promise<WebhookAttempt | undefined>
  /** Newest first. */
  readonly page: (
    endpointId: Id<'hook'>,
    query: { readonly limit: number; readonly cursor?: string | undefined },
  ) => Promise<Page<WebhookAttempt>>
}

export interface WebhookSecrets {
  /** A secret of an endpoint, such as `whsec_…`: the same for the same number. */
  readonly valueOf: (endpointId: Id<'hook'>, number: number) => Promise<string>
}

/** One request to an endpoint. */
export interface WebhookCall {
  readonly url: string
  readonly endpointId: Id<'hook'>
  /** The numbers of the secrets that sign it. */
  readonly secrets: readonly number[]
  readonly id: string
  readonly at: Instant
  readonly body: string
}

export interface WebhookSender {
  /** Posts to public addresses alone, and follows no redirect. Never throws because of an endpoint. */
  readonly send: (call: WebhookCall) => Promise<WebhookAnswer & { readonly retryAfter?: string | undefined }>
}
