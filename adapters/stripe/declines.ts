import { SitewrightError } from '../../core/errors.ts'

/** Why a payment was declined, as an error of Stripe or an intent's last error has it. */
interface Decline {
  readonly code?: string | undefined
  readonly message?: string | undefined
}

/** Codes of a bank that wants the payment confirmed. Their messages are for developers. */
const confirmations: readonly (string | undefined)[] = [
  'authentication_required',
  'invoice_payment_intent_requires_action',
  'subscription_payment_intent_requires_action',
]

export const needsConfirmation = ({ code }: Decline): boolean => confirmations.includes(code)

/** Codes whose messages Stripe wrote for cardholders: https://docs.stripe.com/error-codes */
const cardCodes: readonly (string | undefined)[] = [
  'card_declined',
  'expired_card',
  'incorrect_cvc',
  'incorrect_number',
  'incorrect_zip',
  'invalid_cvc',
  'invalid_expiry_month',
  'invalid_expiry_year',
  'invalid_number',
  'processing_error',
]

/** The part of a decline for the owner, without numbers of cards. */
const declineSentence = (decline: Decline): string => {
  const { code, message = '' } = decline
  if (needsConfirmation(decline)) {
    return 'Your bank wants you to confirm this payment, which is not possible here. Use another card.'
  }
  return cardCodes.includes(code) && message !== '' && !/\d{4}/.test(message) ? message : 'The payment was declined.'
}

export const paymentDeclined = (decline: Decline): SitewrightError =>
  new SitewrightError('PaymentDeclined', declineSentence(decline))
