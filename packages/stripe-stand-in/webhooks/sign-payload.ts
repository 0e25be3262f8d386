import { createHmac } from 'node:crypto'

/**
 * The `Stripe-Signature` of a body: https://docs.stripe.com/webhooks#verify-manually
 * @param secret all of it, `whsec_` included.
 * @param seconds since 1970, by the wall clock.
 */
export const signPayload = (body: string, secret: string, seconds: number): string => {
  const signature = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${signature}`
}
