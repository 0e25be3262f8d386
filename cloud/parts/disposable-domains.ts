import type { AbusePolicy } from '../../core/abuse/abuse-policy.ts'

/** The known domains of disposable mailboxes: 200 KB, read only if they are refused. */
export const disposableDomainsOf = async ({ refuseDisposableMail }: AbusePolicy): Promise<ReadonlySet<string>> => {
  if (!refuseDisposableMail) return new Set()
  const { knownDisposableDomains } = await import('../../adapters/disposable-mail/known-disposable-domains.ts')
  return knownDisposableDomains()
}
