import { notFound, refuse, refuseField } from '../../core/errors.ts'
import { type Id, isId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import {
  maxWebhookEndpoints,
  newDelivery,
  type WebhookDeliveries,
  type WebhookEndpoint,
  type WebhookEndpoints,
  type WebhookLog,
  type WebhookSecrets,
  webhookUrlProblem,
} from './webhook.ts'

export interface ChangeEndpointPorts extends Pick<Context, 'clocks' | 'randomness'> {
  readonly webhookEndpoints: WebhookEndpoints
  readonly webhookDeliveries: Pick<WebhookDeliveries, 'requeue'>
  readonly webhookLog: Pick<WebhookLog, 'find' | 'page'>
  readonly webhookSecrets: WebhookSecrets
  /** Hosts that may have any address, and http; on one machine only. */
  readonly webhookHosts: readonly string[]
}

/** An endpoint with its new secret, which is shown once. */
export interface WithSecret {
  readonly endpoint: WebhookEndpoint
  readonly secret: string
}

/**
 * Adds a secret. The present one expires after some hours.
 * @throws {SitewrightError} `TransitionNotAllowed` while a former one still signs, because receivers may know only that. 0 hours end both at once.
 */
export const rotateSecret = (endpoint: WebhookEndpoint, hours: number, now: Instant): WebhookEndpoint => {
  const present = endpoint.secrets.at(-1)
  if (present === undefined) throw new Error('an endpoint has a secret')
  const until = endpoint.secrets.find(({ expiresAt }) => expiresAt !== undefined && expiresAt > now)?.expiresAt
  if (until !== undefined && hours > 0) {
    return refuse(
      `A former secret still signs until ${until}. Rotate again after that, or set overlapHours to 0 to end all present secrets at once.`,
    )
  }
  const former = hours === 0 ? [] : [{ ...present, expiresAt: plusMilliseconds(now, hours * 3_600_000) }]
  return {
    ...endpoint,
    version: endpoint.version + 1,
    secrets: [...former, { number: present.number + 1, createdAt: now }],
  }
}

const requireUrl = ({ webhookHosts }: ChangeEndpointPorts, url: string): void => {
  const problem = webhookUrlProblem(url, webhookHosts)
  if (problem !== undefined) refuseField('url', problem, `The address of an endpoint ${problem}.`)
}

/** @throws {SitewrightError} `NotFound`, also for an id of another kind. */
export const findEndpoint = async (
  { webhookEndpoints }: Pick<ChangeEndpointPorts, 'webhookEndpoints'>,
  id: string,
): Promise<WebhookEndpoint> => {
  const found = isId('hook', id) ? await webhookEndpoints.read(id) : undefined
  return found ?? notFound('There is no such endpoint.')
}

/** @throws {SitewrightError} `InvalidRequest` for its address; `TransitionNotAllowed` if there are 20 endpoints. */
export const createEndpoint = async (
  ports: ChangeEndpointPorts,
  request: Pick<WebhookEndpoint, 'url' | 'description' | 'types' | 'marketing'>,
): Promise<WithSecret> => {
  const { webhookEndpoints, webhookSecrets, clocks, randomness } = ports
  requireUrl(ports, request.url)
  if ((await webhookEndpoints.list()).length >= maxWebhookEndpoints) {
    return refuse(`There are ${maxWebhookEndpoints} endpoints. Delete one first.`)
  }
  const createdAt = clocks.wall()
  const id = randomness.id('hook')
  const secrets = [{ number: 1, createdAt }]
  const endpoint: WebhookEndpoint = { schemaVersion: 1, id, version: 1, ...request, secrets, createdAt }
  await webhookEndpoints.write(endpoint)
  return { endpoint, secret: await webhookSecrets.valueOf(id, 1) }
}

const change = (
  ports: ChangeEndpointPorts,
  id: string,
  decide: (endpoint: WebhookEndpoint) => WebhookEndpoint,
): Promise<WebhookEndpoint> =>
  retryOnConflict('The endpoint', async () => {
    const next = decide(await findEndpoint(ports, id))
    return (await ports.webhookEndpoints.write(next)) ? next : conflict
  })

type EndpointChange = {
  readonly [Name in 'url' | 'description' | 'types' | 'marketing']?: WebhookEndpoint[Name] | undefined
}

/** Changes what is given. Enabling an endpoint forgets why it was disabled. @throws {SitewrightError} `NotFound`, `InvalidRequest`. */
export const changeEndpoint = async (
  ports: ChangeEndpointPorts,
  id: string,
  { enabled, ...request }: EndpointChange & { readonly enabled?: boolean | undefined },
): Promise<WebhookEndpoint> => {
  if (request.url !== undefined) requireUrl(ports, request.url)
  return change(ports, id, (endpoint) => {
    const { disabled: before, ...kept } = endpoint
    const isEnabled = enabled ?? before === undefined
    const disabled = before ?? { at: ports.clocks.wall(), because: 'operator' as const }
    return {
      ...kept,
      version: endpoint.version + 1,
      url: request.url ?? endpoint.url,
      description: request.description ?? endpoint.description,
      types: request.types ?? endpoint.types,
      marketing: request.marketing ?? endpoint.marketing ?? false,
      ...(isEnabled ? {} : { disabled }),
    }
  })
}

/** Makes a new secret. @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` while a former one still signs, unless with 0 hours. */
export const rotateEndpointSecret = async (
  ports: ChangeEndpointPorts,
  id: string,
  hours: number,
): Promise<WithSecret> => {
  const endpoint = await change(ports, id, (found) => rotateSecret(found, hours, ports.clocks.wall()))
  return { endpoint, secret: await ports.webhookSecrets.valueOf(endpoint.id, endpoint.secrets.at(-1)?.number ?? 1) }
}

/** Deletes an endpoint, and with it what is queued for it: the next sweep drops that. @throws {SitewrightError} `NotFound`. */
export const deleteEndpoint = async (ports: ChangeEndpointPorts, id: string): Promise<void> => {
  await ports.webhookEndpoints.remove((await findEndpoint(ports, id)).id)
}

/**
 * Sends a logged webhook again within a minute, under its `webhook-id`.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` if the endpoint is disabled.
 */
export const redeliver = async (ports: ChangeEndpointPorts, id: string, attemptId: string): Promise<Id<'msg'>> => {
  const endpoint = await findEndpoint(ports, id)
  if (endpoint.disabled !== undefined) return refuse('This endpoint is disabled. Enable it first.')
  const found = isId('att', attemptId) ? await ports.webhookLog.find(endpoint.id, attemptId) : undefined
  if (found === undefined) return notFound('There is no such attempt. The log keeps 30 days.')
  // One that waits for its next attempt need not wait any longer.
  await ports.webhookDeliveries.requeue(newDelivery(endpoint.id, found.message, ports.clocks.wall()))
  return found.message.id
}
