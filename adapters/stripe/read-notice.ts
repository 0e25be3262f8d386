import * as z from 'zod'
import type { PaymentNotice } from '../../core/billing/payment-notice.ts'
import { paymentNoticeSchema } from '../../core/billing/payment-notice.ts'
import { isId } from '../../core/ids.ts'

/** A field that names an object, or shows it. */
const reference = z.union([z.string(), z.object({ id: z.string() }).transform(({ id }) => id)])
/** What somebody else put there is no fault of the event. */
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

/**
 * What an event is about, and nothing of what it says of it.
 * @returns undefined where this is no event of Stripe's.
 */
export const readNotice = (body: unknown): PaymentNotice | undefined => {
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
