import type { Found } from './found.ts'
import { usableWebhooks } from './usable-webhooks.ts'
import type { Wanted } from './wanted.ts'

/**
 * What a person has to do about a webhook that goes on sending events of another version of the API: Stripe lets nobody change
 * that of an endpoint, and a new one has a new secret, so that it is not replaced in passing.
 * @returns a line for it; none where there is nothing to say.
 */
export const staleWebhooks = ({ webhook }: Wanted, found: Found, apiVersion: string): readonly string[] => {
  if (webhook === undefined) return []
  const [kept] = usableWebhooks(webhook, found, apiVersion)
  if (kept === undefined || kept.apiVersion === apiVersion) return []
  const version = kept.apiVersion === undefined ? "the account's own version" : `the version ${kept.apiVersion}`
  return [
    `webhook ${kept.id} speaks ${version} of the API, and this code ${apiVersion}. That of an endpoint cannot be changed. ` +
      'Disable it in the dashboard, and run this again: that makes another one, with a secret of its own.',
  ]
}
