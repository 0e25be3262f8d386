import { SitewrightError } from '../errors.ts'
import { registrableDomain } from '../hostname/registrable-domain.ts'
import { emailHash } from '../signup/email.ts'
import type { AbusePolicy } from './abuse-policy.ts'
import type { Proof } from './challenge.ts'
import { countInWindows } from './count-in-windows.ts'
import { isMailAtOneOf, mailDomainOf } from './mail-domain.ts'
import { networkOf } from './network.ts'
import type { ProofPorts } from './require-proof.ts'
import { requireProof } from './require-proof.ts'

export interface AdmitSignupPorts extends ProofPorts {
  /** The providers of mailboxes to throw away that are known, besides those that the policy names. */
  readonly disposableDomains: ReadonlySet<string>
}

const isProofDue = ({ when, pressure }: AbusePolicy['proofOfWork'], used: number): boolean =>
  when === 'always' || (when === 'under-pressure' && used > pressure)

const refuseDisposable = ({ abuse, disposableDomains }: AdmitSignupPorts, email: string): void => {
  if (!abuse.refuseDisposableMail) return
  const isDisposable = [disposableDomains, new Set(abuse.disposableMailDomains)].some((domains) =>
    isMailAtOneOf(domains, email),
  )
  if (!isDisposable) return
  throw new SitewrightError('MailDomainRefused', 'This is an address to throw away. Use one that you will keep.', {
    fields: [{ path: 'email', message: 'must not be at a provider of disposable addresses' }],
  })
}

/**
 * Lets a sign-up begin, or not, before anything is written or mailed for it. Who asks is counted first, so that one
 * network cannot use up what is there for an address, a domain or everyone.
 * @throws {SitewrightError} `MailDomainRefused`, `RateLimited`, `ProofOfWorkRequired`.
 */
export const admitSignup = async (
  ports: AdmitSignupPorts,
  { email, sourceIp, proof }: { readonly email: string; readonly sourceIp: string; readonly proof?: Proof | undefined },
): Promise<void> => {
  const { abuse } = ports
  const { signups } = abuse
  refuseDisposable(ports, email)
  const network = networkOf(sourceIp)
  const isLimited = !network.isLoopback || abuse.limitLoopback
  if (isLimited) {
    const byNetwork = await countInWindows(ports, [
      { of: 'signups of network', name: network.name, limits: signups.network },
    ])
    const byEveryone = await countInWindows(ports, [{ of: 'signups', name: '', limits: signups.everyone }])
    if (isProofDue(abuse.proofOfWork, Math.max(byNetwork, byEveryone))) await requireProof(ports, proof)
  }
  const domain = registrableDomain(mailDomainOf(email))
  const isOwnDomain = !abuse.sharedMailDomains.includes(domain)
  await countInWindows(ports, [
    { of: 'signups of address', name: emailHash(email), limits: signups.address },
    ...(isLimited && isOwnDomain
      ? [{ of: 'signups of domain', name: domain, limits: signups.mailDomain } as const]
      : []),
  ])
}
