import { createHmac, timingSafeEqual } from 'node:crypto'
import { SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { WebhookSignatures } from '../../core/ports/billing.ts'
import { readNotice } from './read-notice.ts'
import { readSignatureHeader } from './signature-header.ts'

export interface WebhookSignaturesOptions {
  /** Of the endpoint, `whsec_…`; more than one while it is rolled. */
  readonly secrets: readonly string[]
  /** The wall clock. */
  readonly clock: () => Instant
  /** How far the time of signing may be from now, in either direction. */
  readonly toleranceSeconds?: number
}

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
 * Stripe's signatures over the raw bytes. The official client accepts a time of signing from the future, which would let an
 * event that leaked be kept for later; here it counts as little as a stale one.
 *
 * @throws {Error} where there is no secret, or one that cannot be of an endpoint; none is in the message.
 * @see https://docs.stripe.com/webhooks#verify-manually
 */
export const createWebhookSignatures = ({
  secrets,
  clock,
  toleranceSeconds = 300,
}: WebhookSignaturesOptions): WebhookSignatures => {
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
