import type * as z from 'zod'
import { type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import {
  type ChangeEndpointPorts,
  changeEndpoint,
  createEndpoint,
  deleteEndpoint,
  findEndpoint,
  redeliver,
  rotateEndpointSecret,
  type WithSecret,
} from './change-endpoint.ts'
import {
  webhookEndpointOperations as operations,
  type webhookAttemptViewSchema,
  type webhookEndpointViewSchema,
} from './operations.ts'
import type { WebhookAttempt, WebhookEndpoint } from './webhook.ts'
import { webhookTypes } from './webhook-types.ts'

interface WebhookApiPorts extends ChangeEndpointPorts, OperatorPorts, HttpPorts {}

const endpointView = (endpoint: WebhookEndpoint): z.input<typeof webhookEndpointViewSchema> => {
  const { id, url, description, types, marketing = false, secrets, disabled = null, createdAt } = endpoint
  return {
    ...{ id, url, description, types: [...types], marketing, disabled, createdAt },
    secrets: secrets.toReversed().map(({ createdAt: at, expiresAt = null }) => ({ createdAt: at, expiresAt })),
  }
}

const withSecret = ({ endpoint, secret }: WithSecret) => ({ ...endpointView(endpoint), secret })

const attemptView = (attempt: WebhookAttempt): z.input<typeof webhookAttemptViewSchema> => {
  const { id, message, at, number, answer, milliseconds } = attempt
  return { id, messageId: message.id, type: message.type, happenedAt: message.at, at, number, answer, milliseconds }
}

export const create = (ports: WebhookApiPorts) => {
  const routes = [
    operatorEndpoint(operations.operatorListWebhooks, ports, async () => ({
      body: { endpoints: (await ports.webhookEndpoints.list()).map(endpointView), types: [...webhookTypes] },
    })),
    operatorEndpoint(operations.operatorCreateWebhook, ports, async ({ body: { reason: _, ...request } }) => ({
      status: 201,
      body: withSecret(await createEndpoint(ports, request)),
    })),
    operatorEndpoint(operations.operatorGetWebhook, ports, async ({ params }) => ({
      body: endpointView(await findEndpoint(ports, params.id)),
    })),
    operatorEndpoint(operations.operatorChangeWebhook, ports, async ({ params, body: { reason: _, ...request } }) => ({
      body: endpointView(await changeEndpoint(ports, params.id, request)),
    })),
    operatorEndpoint(operations.operatorDeleteWebhook, ports, async ({ params }) => {
      await deleteEndpoint(ports, params.id)
      return { status: 204 }
    }),
    operatorEndpoint(operations.operatorRotateWebhook, ports, async ({ params, body }) => ({
      body: withSecret(await rotateEndpointSecret(ports, params.id, body.overlapHours)),
    })),
    operatorEndpoint(operations.operatorListWebhookAttempts, ports, async ({ params, query }) => {
      const { id } = await findEndpoint(ports, params.id)
      const { items, cursor = null } = await ports.webhookLog.page(id, query)
      return { body: { attempts: items.map(attemptView), cursor } }
    }),
    operatorEndpoint(operations.operatorRedeliverWebhook, ports, async ({ params }) => ({
      status: 202,
      body: { messageId: await redeliver(ports, params.id, params.attemptId) },
    })),
  ]
  return httpHandler(routes, ports)
}
