import * as z from 'zod'

/** Why a card is not charged: https://docs.stripe.com/declines/codes */
export const declineSchema = z.strictObject({
  code: z.string(),
  declineCode: z.string().optional(),
  message: z.string(),
})
export type Decline = z.infer<typeof declineSchema>

/** What becomes of one of Stripe's test cards: https://docs.stripe.com/testing */
export interface TestCard {
  readonly brand: 'visa' | 'mastercard' | 'amex'
  readonly last4: string
  /** Why it cannot be kept for later. */
  readonly refusal?: Decline
  /** Why it cannot be charged. */
  readonly decline?: Decline
  /** Its holder disputes what is charged. */
  readonly disputes?: boolean
}

const isDeclined = (declineCode: string, message = 'Your card was declined.'): Decline => ({
  code: 'card_declined',
  declineCode,
  message,
})

const refused = (decline: Decline) => ({ refusal: decline, decline })

const known = new Map<string, Omit<TestCard, 'last4' | 'brand'>>([
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
  ['4000000000000259', { disputes: true }],
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

/** Of any number, also one with spaces. No number is kept but its last four digits. */
export const testCard = (number: string): TestCard => {
  const digits = number.replaceAll(/[ -]/g, '')
  const last4 = digits.slice(-4)
  if (!/^\d{12,19}$/.test(digits) || !hasCheckDigit(digits)) return { brand: 'visa', last4, ...refused(incorrect) }
  const strange = refused(
    isDeclined('test_mode_live_card', 'Your card was declined. It is no test card, and nothing else is taken here.'),
  )
  return { brand: brandOf(digits), last4, ...(known.get(digits) ?? strange) }
}
