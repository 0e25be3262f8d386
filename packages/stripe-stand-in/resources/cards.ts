import { createHash } from 'node:crypto'
import type Stripe from 'stripe'
import * as z from 'zod'
import { collection, record } from '../collection.ts'
import { noAddress, nulls } from '../objects.ts'
import type { World } from '../world.ts'

/** Why a card is not charged: https://docs.stripe.com/declines/codes */
export const declineSchema = z.strictObject({
  code: z.string(),
  declineCode: z.string().optional(),
  message: z.string(),
})
export type Decline = z.infer<typeof declineSchema>

/** What one of Stripe's test cards or test accounts does: https://docs.stripe.com/testing */
export interface TestCard {
  /** The same for the same number. */
  readonly fingerprint: string
  readonly brand: 'visa' | 'mastercard' | 'amex' | 'sepa'
  readonly last4: string
  /** Why it cannot be kept for later. */
  readonly refusal?: Decline
  /** Why it cannot be charged. */
  readonly decline?: Decline
  /** Its bank wants the holder to confirm each payment, which only a checkout lets them do. */
  readonly authenticates?: boolean
  /** Its holder disputes what is charged. */
  readonly disputes?: boolean
  /** An account for SEPA debits: so many seconds after a checkout, its bank pays or declines. */
  readonly decidesAfter?: number
}

export const authenticationRequired = 'authentication_required'

const isDeclined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
})

const refused = (decline: Decline) => ({ refusal: decline, decline })

const known = new Map<string, Pick<TestCard, 'refusal' | 'decline' | 'authenticates' | 'disputes'>>([
  ['4242424242424242', {}],
  ['4000056655665556', {}],
  ['5555555555554444', {}],
  ['378282246310005', {}],
  ['4000000000000002', refused(isDeclined('generic_decline'))],
  ['4000000000009995', refused(isDeclined('insufficient_funds', 'Your card has insufficient funds.'))],
  ['4000000000009987', refused(isDeclined('lost_card'))],
  ['4000000000009979', refused(isDeclined('stolen_card'))],
  ['4000000000000069', refused({ code: 'expired_card', message: 'Your card has expired.' })],
  ['4000000000000127', refused({ code: 'incorrect_cvc', message: "Your card's security code is incorrect." })],
  [
    '4000000000000119',
    refused({
      code: 'processing_error',
      message: 'An error occurred while processing your card. Try again in a little bit.',
    }),
  ],
  ['4000000000000341', { decline: isDeclined('generic_decline') }],
  [
    '4000002760003184',
    {
      authenticates: true,
      decline: {
        code: authenticationRequired,
        declineCode: authenticationRequired,
        message: 'Your card was declined. This transaction requires authentication.',
      },
    },
  ],
  ['4000000000000259', { disputes: true }],
])

const accountDeclined: Decline = { code: 'debit_declined', message: 'Your bank declined this direct debit.' }

/** https://docs.stripe.com/testing */
const accounts = new Map<string, Pick<TestCard, 'decline' | 'decidesAfter'>>([
  ['DE89370400440532013000', { decidesAfter: 0 }],
  ['DE08370400440532013003', { decidesAfter: 180 }],
  ['DE62370400440532013001', { decidesAfter: 0, decline: accountDeclined }],
  ['DE78370400440532013004', { decidesAfter: 180, decline: accountDeclined }],
])

/** https://en.wikipedia.org/wiki/Luhn_algorithm */
const hasCheckDigit = (digits: string): boolean => {
  const sum = [...digits].toReversed().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2)
    return total + (value > 9 ? value - 9 : value)
  }, 0)
  return sum % 10 === 0
}

const brandOf = (digits: string): TestCard['brand'] => {
  if (digits.startsWith('5')) return 'mastercard'
  return digits.startsWith('3') ? 'amex' : 'visa'
}

const incorrect: Decline = { code: 'incorrect_number', message: 'Your card number is incorrect.' }

/** Reads a card number or an IBAN, with or without spaces. The result keeps only its last four digits and a hash. */
export const testCard = (number: string): TestCard => {
  const digits = number.replaceAll(/[ -]/g, '')
  const fingerprint = createHash('sha256').update(digits).digest('base64url').slice(0, 16)
  const seen = { last4: digits.slice(-4), fingerprint }
  const account = accounts.get(digits)
  if (account !== undefined) return { ...seen, brand: 'sepa', ...account }
  if (!/^\d{12,19}$/.test(digits) || !hasCheckDigit(digits)) return { ...seen, brand: 'visa', ...refused(incorrect) }
  const strange = refused(
    isDeclined('test_mode_live_card', 'Your card was declined. It is no test card, and nothing else is taken here.'),
  )
  return { ...seen, brand: brandOf(digits), ...(known.get(digits) ?? strange) }
}

const methodSchema = z.object({
  ...record,
  /** Null until it is attached to one. */
  customer: z.string().nullable(),
  brand: z.enum(['visa', 'mastercard', 'amex', 'sepa']),
  last4: z.string(),
  expMonth: z.int(),
  expYear: z.int(),
  fingerprint: z.string(),
  /** Why it cannot be charged. */
  decline: declineSchema.nullable(),
  authenticates: z.boolean().default(false),
  disputes: z.boolean(),
  decidesAfter: z.int().optional(),
})
export type PaymentMethod = z.infer<typeof methodSchema>

export const paymentMethods = collection('payment method', methodSchema)

const detailsOf = (method: PaymentMethod): Pick<Stripe.PaymentMethod, 'card' | 'sepa_debit' | 'type'> => {
  const { brand, fingerprint, last4, expMonth, expYear } = method
  if (brand === 'sepa') {
    const account = { bank_code: '37040044', branch_code: '', country: 'DE', fingerprint, last4 }
    return { type: 'sepa_debit', sepa_debit: { ...account, generated_from: null } }
  }
  return {
    type: 'card',
    card: {
      brand,
      checks: { cvc_check: 'pass', ...nulls('address_line1_check address_postal_code_check') },
      country: 'US',
      display_brand: brand,
      exp_month: expMonth,
      exp_year: expYear,
      fingerprint,
      funding: 'credit',
      last4,
      networks: { available: [brand], preferred: null },
      regulated_status: 'unregulated',
      three_d_secure_usage: { supported: true },
      ...nulls('generated_from wallet'),
    },
  }
}

export const paymentMethodObject = (method: PaymentMethod): Stripe.PaymentMethod => ({
  id: method.id,
  object: 'payment_method',
  allow_redisplay: 'limited',
  billing_details: { address: noAddress, ...nulls('email name phone tax_id') },
  ...detailsOf(method),
  created: method.created,
  customer: method.customer,
  customer_account: null,
  livemode: false,
  metadata: {},
})

/** @param customer null until the card is accepted. */
export const createPaymentMethod = (world: World, card: TestCard, customer: string | null): PaymentMethod => {
  const { decline = null, disputes = false, ...shown } = card
  const expYear = new Date(world.now * 1000).getUTCFullYear() + 3
  return paymentMethods.create(world, 'pm_', { ...shown, decline, disputes, customer, expMonth: 12, expYear })
}
