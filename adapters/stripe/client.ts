import { Stripe } from 'stripe'
import { apiAddress } from './api-address.ts'
import { createHttpClient } from './http-client.ts'
import { modeOfKey } from './secret-key.ts'

/**
 * What the types of the client are made for. A newer client does not compile against this line, so that nobody moves to
 * another version of the API without having read what changed in it.
 */
export const apiVersion = '2026-10-28.endive'

/** Together with one more try below what API Gateway waits for an answer, thirty seconds. */
const timeoutMilliseconds = 10_000

export interface StripeSettings {
  readonly secretKey: string
  /** Of another server that speaks Stripe's API. */
  readonly apiBase?: string | undefined
  /** For one answer, in milliseconds. */
  readonly timeoutMilliseconds?: number
}

/** @throws {Error} where key or address cannot be right; neither is in the message. */
export const createStripeClient = (settings: StripeSettings): Stripe => {
  modeOfKey(settings.secretKey)
  return new Stripe(settings.secretKey, {
    apiVersion,
    timeout: settings.timeoutMilliseconds ?? timeoutMilliseconds,
    maxNetworkRetries: 1,
    telemetry: false,
    appInfo: { name: 'sitewright' },
    ...(settings.apiBase === undefined ? { httpClient: createHttpClient('') } : apiAddress(settings.apiBase)),
  })
}
