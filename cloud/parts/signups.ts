import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import { proofSecrets } from '../../adapters/derived-secrets/derive-secret.ts'
import { freeMailDomains } from '../../adapters/free-mail/free-mail-domains.ts'
import type { AbusePolicy } from '../../lambdas/signup/abuse/abuse-policy.ts'
import type { CloudContext } from '../context.ts'

/** The known domains of disposable mailboxes: 200 KB, read only if they are refused. */
const disposableDomainsOf = async ({ refuseDisposableMail }: AbusePolicy): Promise<ReadonlySet<string>> => {
  if (!refuseDisposableMail) return new Set()
  const { knownDisposableDomains } = await import('../../adapters/disposable-mail/known-disposable-domains.ts')
  return knownDisposableDomains()
}

/** @param codeSecret keys the hashes of mailed codes and the challenges of the proof of work. */
export const openSignups = async (context: CloudContext, codeSecret: string) => ({
  codeSecret,
  freeMailDomains,
  disposableDomains: await disposableDomainsOf(context.abuse),
  proofOfWork: createProofOfWork({ ...proofSecrets({ codePepper: codeSecret }), ...context.abuse.proofOfWork }),
})
