import { setImmediate } from 'node:timers/promises'
import { Webhook } from 'standardwebhooks'
import { vi } from 'vitest'
import { createWebhookSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { signedHeaders } from '../../../adapters/webhooks/webhook-sender.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import { createEndpoint, rotateEndpointSecret } from '../../../lambdas/webhooks/change-endpoint.ts'
import {
  type DeliverWebhooksPorts,
  deliverWebhooks,
  sendDueWebhooks,
} from '../../../lambdas/webhooks/deliver-webhooks.ts'
import type { WebhookAnswer } from '../../../lambdas/webhooks/webhook.ts'
import { openStoreOn } from '../../adapters/dynamodb/test-store.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { quickClients } from '../../support/memory-table/quick-client.ts'

export interface Received {
  readonly id: string
  readonly at: string
  readonly body: { readonly type: string; readonly timestamp: string; readonly data: Record<string, unknown> }
  readonly answer: WebhookAnswer
}

const accepted: WebhookAnswer = { status: 204, text: '' }

/** The stores on tables in memory, and a receiver that verifies each webhook with the secrets that it knows. */
export const webhookScene = async () => {
  const store = await openStoreOn(quickClients())
  const randomness = createRandomness()
  const webhookSecrets = createWebhookSecrets('k'.repeat(43))
  const log = recordingLog()
  const mails: MailMessage[] = []
  const received: Received[] = []
  const people = new Map<string, string>()
  const consenting = new Set<string>()
  const closing = new Set<string>()
  const scene = {
    now: '2026-03-01T12:00:00.000Z',
    known: [] as string[],
    answer: (_body: string): WebhookAnswer & { readonly retryAfter?: string } => accepted,
  }
  const clocks = { domain: () => scene.now, wall: () => scene.now }

  const verified = (body: string, headers: Record<string, string>) => {
    vi.setSystemTime(scene.now)
    for (const secret of scene.known) {
      try {
        return new Webhook(secret).verify(body, headers) as Received['body']
      } catch {
        // Another secret may have signed it.
      }
    }
    throw new Error('no secret that the receiver knows signed this')
  }

  const ports: DeliverWebhooksPorts = {
    ...store,
    clocks,
    randomness,
    log,
    brand: 'Acme',
    contact: 'ops@example.com',
    consoleUrl: 'http://localhost:4000',
    siteUrl: (hostname) => `http://${hostname}`,
    isStopping: () => false,
    sites: { get: async () => undefined },
    // Short pages, so that all of a log is read on.
    webhookLog: { ...store.webhookLog, page: (id, asked) => store.webhookLog.page(id, { ...asked, limit: 1 }) },
    accounts: {
      get: async (id) =>
        ({
          id,
          ...(consenting.has(id) && { marketing: {} }),
          ...(closing.has(id) && { closure: { state: 'closed' } }),
        }) as never,
      getOwner: async (id) => {
        const email = people.get(id)
        return email === undefined ? undefined : ({ email } as never)
      },
    },
    // Like the mailer: a known id is not sent again.
    mailer: {
      send: async (message) => {
        if (!mails.some(({ id }) => id === message.id)) mails.push(message)
      },
    },
    webhookSender: {
      send: async (call) => {
        const { 'content-length': _, ...headers } = await signedHeaders(call, webhookSecrets)
        // A call over the network takes longer than one of the store.
        await setImmediate()
        const answer = scene.answer(call.body)
        received.push({ id: call.id, at: scene.now, body: verified(call.body, headers), answer })
        return answer
      },
    },
  }
  const managing = { ...store, webhookSecrets, webhookHosts: [], clocks, randomness }
  let accounts = 0
  return {
    ...{ scene, ports, managing, store, mails, received, people, consenting, closing, log, randomness },
    addEndpoint: async (types: readonly string[] = [], marketing = false) => {
      const { endpoint, secret } = await createEndpoint(managing, {
        url: 'https://crm.example.com/in?key=hidden',
        description: 'CRM',
        types,
        marketing,
      })
      scene.known.push(secret)
      return endpoint
    },
    rotate: async (id: string, hours: number) => {
      const { secret } = await rotateEndpointSecret(managing, id, hours)
      return secret
    },
    accountOpened: (): DomainEvent => {
      accounts += 1
      const id = randomness.id('acct')
      people.set(id, `person-${accounts}@example.com`)
      return {
        ...{ schemaVersion: 1, id: randomness.id('evt'), version: 1, at: scene.now, actor: { kind: 'system' } },
        ...{ causationId: 'req', type: 'AccountOpened', aggregate: { type: 'account', id } },
        data: { personId: randomness.id('prsn') },
      }
    },
    deliver: (event: DomainEvent) => deliverWebhooks(ports, event),
    sweep: () => sendDueWebhooks(ports),
    turn: (milliseconds: number) => {
      scene.now = plusMilliseconds(scene.now, milliseconds)
    },
    pending: async () => {
      const found: string[] = []
      for await (const { message } of store.webhookDeliveries.due('9999-01-01T00:00:00.000Z')) found.push(message.id)
      return found
    },
    close: () => store.close(),
  }
}

export type WebhookScene = Awaited<ReturnType<typeof webhookScene>>
