import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { idSchema } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { WebhookMessage } from './webhook-types.ts'

const instant = z.iso.datetime({ precision: 3 })

/** Where webhooks are sent. Only the numbers of its secrets are stored: the secrets are derived from them. */
export const webhookEndpointSchema = z.strictObject({
  schemaVersion: z.literal(1),
  id: idSchema('hook'),
  version: z.int().positive(),
  url: z.string(),
  description: z.string(),
  /** The types that it gets; all if it is empty. */
  types: z.array(z.string()).readonly(),
  /** Gets only what is about accounts whose owner agreed to marketing, and what asks it to stop. */
  marketing: z.boolean().optional(),
  /** The last one signs. The one before it signs too until it expires. */
  secrets: z
    .array(z.strictObject({ number: z.int().positive(), createdAt: instant, expiresAt: instant.optional() }))
    .min(1)
    .max(2)
    .readonly(),
  /** `failing`: none was accepted while one was retried for three days. `gone`: it answered 410. */
  disabled: z.strictObject({ at: instant, because: z.enum(['operator', 'failing', 'gone']) }).optional(),
  createdAt: instant,
})
export type WebhookEndpoint = z.infer<typeof webhookEndpointSchema>

export const mostWebhookEndpoints = 20

/** The hours for which the former secret still signs after a rotation. */
export const overlapHours = { usual: 24, most: 168 } as const

/** Whether a webhook asks an endpoint to stop using what it got: such webhooks name the account and nobody, where the consent is missing. */
export const asksToStop = (
  { marketing = false }: Pick<WebhookEndpoint, 'marketing'>,
  { type }: Pick<WebhookMessage, 'type'>,
): boolean =>
  // A closed account has no consent to marketing.
  type === 'person.erased' || type === 'consent.withdrawn' || (marketing && type === 'account.closed')

/** Whether an endpoint gets a webhook. One whose types come with addresses is always asked to stop; `person.erased` alone has no address. */
export const takes = (endpoint: WebhookEndpoint, message: Pick<WebhookMessage, 'type'>): boolean => {
  const { types } = endpoint
  const hasAddresses = types.some((type) => type !== 'person.erased')
  return types.length === 0 || types.includes(message.type) || (hasAddresses && asksToStop(endpoint, message))
}

/** The numbers of the secrets that sign now, the newest first. */
export const signingSecrets = ({ secrets }: Pick<WebhookEndpoint, 'secrets'>, now: Instant): readonly number[] =>
  secrets
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
    .map(({ number }) => number)
    .toReversed()

/**
 * Adds a secret. The present one expires after some hours.
 * @throws {SitewrightError} `TransitionNotAllowed` while a former one still signs, because receivers may know only that. 0 hours end both at once.
 */
export const rotateSecret = (endpoint: WebhookEndpoint, hours: number, now: Instant): WebhookEndpoint => {
  const present = endpoint.secrets.at(-1)
  if (present === undefined) throw new Error('an endpoint has a secret')
  const until = endpoint.secrets.find(({ expiresAt }) => expiresAt !== undefined && expiresAt > now)?.expiresAt
  if (until !== undefined && hours > 0) {
    throw new SitewrightError(
      'TransitionNotAllowed',
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

/** Says why an address is refused, as the end of a sentence; undefined if it is allowed. The sender checks what the name resolves to. */
export const webhookUrlProblem = (text: string, allowedHosts: readonly string[]): string | undefined => {
  if (!URL.canParse(text)) return 'must be an address'
  const { protocol, username, password, host, hostname, hash } = new URL(text)
  const isAllowed = allowedHosts.includes(host) || allowedHosts.includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && isAllowed)) return 'must be an https address'
  if (username !== '' || password !== '') return 'must not contain a user name or a password'
  return hash === '' ? undefined : 'must not contain a fragment'
}
