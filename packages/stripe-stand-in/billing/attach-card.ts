import { paymentMethodObject } from '../objects/payment-method-object.ts'
import type { PaymentMethod } from '../records/payment-method.ts'
import type { TestCard } from '../test-cards.ts'
import type { World } from '../world.ts'

/** A card as something to pay with, which nobody has attached yet. */
export const makePaymentMethod = (
  { newId, now, records }: World,
  card: TestCard,
  { fingerprint, email }: { readonly fingerprint: string; readonly email: string | null },
): PaymentMethod =>
  records.paymentMethods.put({
    id: newId('pm_'),
    created: now,
    customer: null,
    brand: card.brand,
    last4: card.last4,
    expMonth: 12,
    expYear: new Date(now * 1000).getUTCFullYear() + 3,
    fingerprint,
    email,
    decline: card.decline ?? null,
    disputes: card.disputes ?? false,
  })

export const attachCard = ({ records, emit }: World, method: PaymentMethod, customer: string): PaymentMethod => {
  const attached = records.paymentMethods.change(method.id, { customer })
  emit('payment_method.attached', paymentMethodObject(attached))
  return attached
}
