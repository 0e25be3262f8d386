import { createHmac, timingSafeEqual } from 'node:crypto'
import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { type PaymentNotice, paymentNoticeSchema } from '../../lambdas/billing/payment-notice.ts'
import type { WebhookSignatures } from '../../lambdas/billing/ports.ts'

export interface WebhookSignaturesOptions {
  /** The endpoint's secrets, `whsec_…`; more than one while it is rolled. */
  readonly secrets: readonly string[]
  readonly clock: () => Instant
}

/** How far the time of signing may be from now, in either direction. */
const toleranceSeconds = 300

const refused = (message: string): SitewrightError => new SitewrightError('WebhookRefused', message)

const signed = (secret: string, time: string, body: Uint8Array): Buffer =>
  createHmac('sha256', secret).update(`${time}.`).update(body).digest()

/** Every secret is tried with every signature, so that how long it takes tells nothing of either. */
const isSignedWith = (secrets: readonly string[], signatures: readonly string[], time: string, body: Uint8Array) => {
  const given = signatures.map((signature) => Buffer.from(signature, 'hex'))
  return secrets
    .map((secret) => signed(secret, time, body))
    .map((expected) => given.map((signature) => timingSafeEqual(signature, expected)).includes(true))
    .includes(true)
}

const jsonOf = (body: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}

/**
 * Verifies Stripe's signatures over the raw bytes. Unlike the official client it refuses a time of signing in the future, with
 * which a leaked event could be kept for later.
 * @throws {Error} where there is no secret, or one that is not of an endpoint; the message holds none.
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export const createWebhookSignatures = ({ secrets, clock }: WebhookSignaturesOptions): WebhookSignatures => {
  if (secrets.length === 0 || !secrets.every((secret) => /^whsec_\S+$/.test(secret))) {
    throw new Error('The secrets of Stripe’s webhook are missing, or one is empty or does not start with whsec_.')
  }
  return {
    verify: (body, header) => {
      const read = readSignatureHeader(header)
      if (read === undefined) throw refused('The event has no Stripe-Signature that can be read.')
      const { time, signatures } = read
      if (!isSignedWith(secrets, signatures, time, body)) throw refused('The signature of the event does not match.')
      if (Math.abs(Date.parse(clock()) / 1000 - Number(time)) > toleranceSeconds) {
        throw refused(`The event was not signed within ${toleranceSeconds} seconds of now.`)
      }
      const notice = readNotice(jsonOf(body))
      if (notice === undefined) throw refused('The body is no event of Stripe’s.')
      return notice
    },
  }
}

/** Stripe sends two at most. */
const maxCharacters = 2048

/**
 * Reads `Stripe-Signature`: `t=<seconds>,v1=<hex>`, with one `v1` for each secret while one is rolled. Other schemes, such as the `v0` of test events,
 * are ignored.
 * @returns the time as it stands there, since what is signed begins with these very characters; undefined for any other header.
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
const readSignatureHeader = (header: string | undefined) => {
  if (header === undefined || header.length > maxCharacters) return undefined
  const parts = header.split(',').map((part) => part.trim())
  const valuesOf = (name: string): readonly string[] =>
    parts.filter((part) => part.startsWith(`${name}=`)).map((part) => part.slice(name.length + 1))
  const [time, ...others] = valuesOf('t')
  const signatures = valuesOf('v1').filter((signature) => /^[0-9a-f]{64}$/.test(signature))
  if (time === undefined || others.length > 0 || !/^\d{1,12}$/.test(time) || signatures.length === 0) return undefined
  return { time, signatures }
}

/** A field that names an object, or shows it. */
const reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
/** Ignores metadata that somebody else wrote. */
const metadata = z.record(z.string(), z.unknown()).nullish().catch(undefined)

const objectSchema = z.object({
  object: z.string(),
  id: z.string().optional(),
  customer: reference.nullish(),
  subscription: reference.nullish(),
  metadata,
  parent: z
    .object({ subscription_details: z.object({ subscription: reference.nullish(), metadata }).nullish() })
    .nullish()
    .catch(undefined),
})
type NamedObject = z.infer<typeof objectSchema>

const eventSchema = z.object({
  object: z.literal('event'),
  id: z.string(),
  type: z.string(),
  livemode: z.boolean(),
  data: z.object({ object: objectSchema }),
})

const idOfKind = ({ object, id }: NamedObject, kind: string): string | undefined => (object === kind ? id : undefined)

const siteIn = ({ metadata: own, parent }: NamedObject): string | undefined =>
  [own, parent?.subscription_details?.metadata]
    .map((marks) => marks?.['siteId'])
    .find((id) => typeof id === 'string' && isId('site', id))
    ?.toString()

const named = <Name extends string>(name: Name, value: string | null | undefined) =>
  value === null || value === undefined ? {} : { [name]: value }

/** The subject of an event, without its claims; undefined where this is no event of Stripe's. */
const readNotice = (body: unknown): PaymentNotice | undefined => {
  const event = eventSchema.safeParse(body)
  if (!event.success) return undefined
  const { id, type, livemode, data } = event.data
  const { object } = data
  const notice = paymentNoticeSchema.safeParse({
    id,
    type,
    isLive: livemode,
    ...named('customerId', idOfKind(object, 'customer') ?? object.customer),
    ...named(
      'subscriptionId',
      idOfKind(object, 'subscription') ?? object.subscription ?? object.parent?.subscription_details?.subscription,
    ),
    ...named('siteId', siteIn(object)),
    ...named('disputeId', idOfKind(object, 'dispute')),
  })
  return notice.success ? notice.data : undefined
}
