import { SitewrightError } from '../errors.ts'
import { registrableDomain } from '../hostname/registrable-domain.ts'
import { plusMilliseconds } from '../instant.ts'
import type { ProofOfWork } from '../ports/abuse.ts'
import { emailHash, isMailAtOneOf, mailDomainOf } from '../signup/email.ts'
import type { Signup } from '../signup/signup.ts'
import type { AbusePolicy } from './abuse-policy.ts'
import type { Proof } from './challenge.ts'
import type { CountPorts } from './count-in-windows.ts'
import { countInWindows, windowKey } from './count-in-windows.ts'
import { networkOf } from './network.ts'

export interface AdmitSignupPorts extends ProofPorts {
  /** The built-in list of disposable-mail providers. */
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
  throw new SitewrightError(
    'MailDomainRefused',
    'Disposable e-mail addresses are not accepted. Use a permanent address.',
    {
      fields: [{ path: 'email', message: 'must not be a disposable address' }],
    },
  )
}

/**
 * Admits or refuses a sign-up before anything is written or mailed. The network's limit is checked first, so that one
 * network cannot use up the other limits.
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

interface ProofPorts extends CountPorts {
  readonly proofOfWork: ProofOfWork
  readonly abuse: AbusePolicy
}

/** Marks the proof as used before anything is done for it, so that it serves at most one request. */
const accepts = async (
  { proofOfWork, rateWindows, clocks, codeSecret }: ProofPorts,
  proof: Proof,
): Promise<boolean> => {
  const { expiresAt } = proof.challenge.parameters.data
  if (expiresAt <= clocks.wall() || !(await proofOfWork.isSolved(proof))) return false
  const [uses] = await rateWindows.count([
    { key: windowKey(codeSecret, 'proof', proof.challenge.signature), endsAt: expiresAt },
  ])
  return uses === 1
}

/** @throws {SitewrightError} `ProofOfWorkRequired`, with a new challenge. */
const requireProof = async (ports: ProofPorts, proof: Proof | undefined): Promise<void> => {
  if (proof !== undefined && (await accepts(ports, proof))) return
  const { clocks, abuse, proofOfWork } = ports
  const challenge = await proofOfWork.challenge(plusMilliseconds(clocks.wall(), abuse.proofOfWork.minutes * 60_000))
  throw new SitewrightError(
    'ProofOfWorkRequired',
    proof === undefined
      ? 'There are many sign-ups at the moment. Solve the challenge and send the request again with its proof.'
      : 'The proof is wrong, expired or used. Solve the new challenge and send the request again with its proof.',
    { challenge },
  )
}

export interface AdmitCodeTryPorts extends CountPorts {
  readonly abuse: AbusePolicy
}

/** Counts a code try against the network. @throws {SitewrightError} `RateLimited`. */
export const admitTryFrom = async (ports: AdmitCodeTryPorts, sourceIp: string): Promise<void> => {
  const network = networkOf(sourceIp)
  if (network.isLoopback && !ports.abuse.limitLoopback) return
  await countInWindows(ports, [{ of: 'tries of network', name: network.name, limits: ports.abuse.codeTries.network }])
}

/** Counts a code try against the address, over all its sign-ups. @throws {SitewrightError} `RateLimited`. */
export const admitTryFor = async (ports: AdmitCodeTryPorts, { emailHash }: Signup): Promise<void> => {
  await countInWindows(ports, [{ of: 'tries of address', name: emailHash, limits: ports.abuse.codeTries.address }])
}
