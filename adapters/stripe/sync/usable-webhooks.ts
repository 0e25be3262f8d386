import type { Found, FoundWebhook } from './found.ts'
import type { WantedWebhook } from './wanted.ts'

/**
 * The webhooks that could be the one that is wanted, the one that is kept first: one that is right as it is, then what has the
 * address, then the oldest. One that a person has disabled, and that speaks another version of the API, is left to rest.
 */
export const usableWebhooks = (
  { url }: WantedWebhook,
  { webhooks }: Found,
  apiVersion: string,
): readonly FoundWebhook[] => {
  const rank = (one: FoundWebhook): number => {
    if (one.url !== url) return 0
    return one.isEnabled && one.apiVersion === apiVersion ? 2 : 1
  }
  return webhooks
    .filter((one) => one.isEnabled || one.apiVersion === apiVersion)
    .toSorted((one, other) => rank(other) - rank(one) || one.createdAt - other.createdAt)
}
