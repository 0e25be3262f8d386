import type { Challenge, Proof } from '../../../core/challenge.ts'
import { emailHash, isMailAtOneOf, mailDomainOf } from '../../../core/email.ts'
import { SitewrightError } from '../../../core/errors.ts'
import { registrableDomain } from '../../../core/hostname/registrable-domain.ts'
import { type Instant, plusMilliseconds } from '../../../core/instant.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import {
  type CountPorts,
  countInWindows,
  countUse,
  readUse,
  type Subject,
  windowKey,
} from '../../rate-limits/count-in-windows.ts'
import { isLimited, type Network, networkOf } from '../../rate-limits/network.ts'
import type { AbusePolicy } from './abuse-policy.ts'

export interface ProofOfWork {
  /** @param difficulty how many times as many attempts as the easiest. */
  readonly challenge: (expiresAt: Instant, difficulty: number) => Promise<Challenge>
  /** Whether the challenge is ours and unchanged, and the work is done. The caller checks its age. */
  readonly isSolved: (proof: Proof) => Promise<boolean>
}

export interface AdmitSignupPorts extends ProofPorts {
  /** The built-in list of disposable-mail providers. */
  readonly disposableDomains: ReadonlySet<string>
  readonly accounts: Pick<AccountStore, 'findByEmailHash'>
}

/** Those who have an account keep signing in: the setting and the list may be newer than it. */
const refuseDisposable = async (
  { abuse, disposableDomains, accounts }: AdmitSignupPorts,
  email: string,
): Promise<void> => {
  if (!abuse.refuseDisposableMail) return
  const isDisposable = [disposableDomains, new Set(abuse.disposableMailDomains)].some((domains) =>
    isMailAtOneOf(domains, email),
  )
  if (!isDisposable || (await accounts.findByEmailHash(emailHash(email))) !== undefined) return
  throw new SitewrightError(
    'MailDomainRefused',
    'Disposable e-mail addresses are not accepted. Use a permanent address.',
    { fields: [{ path: 'email', message: 'must not be a disposable address' }] },
  )
}

/**
 * Admits or refuses a sign-up before anything is written or mailed. Arriving sign-ups decide whether a proof of work is due.
 * Limits count only sign-ups with a proof where proofs are asked, and those of the network come first, so that nobody can use
 * up a limit for others without work.
 * @throws {SitewrightError} `MailDomainRefused`, `RateLimited`, `ProofOfWorkRequired`.
 */
export const admitSignup = async (
  ports: AdmitSignupPorts,
  { email, sourceIp, proof }: { readonly email: string; readonly sourceIp: string; readonly proof?: Proof | undefined },
): Promise<void> => {
  const { abuse } = ports
  const { signups, proofOfWork } = abuse
  await refuseDisposable(ports, email)
  const network = networkOf(sourceIp)
  const domain = registrableDomain(mailDomainOf(email))
  const ofAddress: Subject = {
    of: 'signups of address and network',
    name: `${emailHash(email)} ${network.name}`,
    limits: signups.address,
  }
  if (!isLimited(abuse, network)) return countInWindows(ports, [ofAddress])
  const refusing: readonly Subject[] = [
    ofAddress,
    { of: 'signups of network', name: network.name, limits: signups.network },
  ]
  const hardening: readonly Subject[] = [
    { of: 'signups', name: '', limits: signups.everyone },
    ...(abuse.sharedMailDomains.includes(domain)
      ? []
      : [{ of: 'signups of domain', name: domain, limits: signups.mailDomain } as const]),
  ]
  if (proofOfWork.when === 'never') {
    await countInWindows(ports, refusing)
    return countInWindows(ports, hardening)
  }
  if (proofOfWork.when === 'under-pressure' && !(await isUnderPressure(ports, [...refusing, ...hardening]))) return
  await requireProof(ports, proof, [...hardening, wrongCodes(abuse)])
  await countInWindows(ports, refusing)
  await countUse(ports, hardening)
}

/** Guesses from many networks need a new sign-up every few tries, and each of those costs more work then. */
export const wrongCodes = ({ proofOfWork }: AbusePolicy): Subject => ({
  of: 'wrong codes',
  name: '',
  limits: proofOfWork.wrongCodes,
})

/** Counts an arriving sign-up. */
const isUnderPressure = async (ports: AdmitSignupPorts, subjects: readonly Subject[]): Promise<boolean> => {
  const arriving = subjects.map((subject) => ({ ...subject, isArriving: true }))
  const uses = await Promise.all([countUse(ports, arriving), readUse(ports, [wrongCodes(ports.abuse)])])
  return uses.some(({ share }) => share > ports.abuse.proofOfWork.pressure)
}

interface ProofPorts extends CountPorts {
  readonly proofOfWork: ProofOfWork
  readonly abuse: AbusePolicy
}

/**
 * Marks the proof as used before anything is done for it, so that it serves at most one request. Accepts the difficulty before
 * the present one too: it may have grown while the client was working.
 */
const accepts = async (
  { proofOfWork, rateWindows, clocks, codeSecret }: ProofPorts,
  proof: Proof,
  present: number,
): Promise<boolean> => {
  const { expiresAt, difficulty = 1 } = proof.challenge.parameters.data
  if (expiresAt <= clocks.wall() || 2 * difficulty < present || !(await proofOfWork.isSolved(proof))) return false
  const [uses] = await rateWindows.count([
    { key: windowKey(await codeSecret(), 'proof', proof.challenge.signature), endsAt: expiresAt },
  ])
  return uses === 1
}

/** 1 below the limits; doubles at a limit and at each multiple of it. */
const difficultyOf = (share: number, hardest: number): number => Math.min(hardest, 2 ** Math.floor(Math.min(share, 10)))

/** @throws {SitewrightError} `ProofOfWorkRequired`, with a new challenge. */
const requireProof = async (
  ports: ProofPorts,
  proof: Proof | undefined,
  hardening: readonly Subject[],
): Promise<void> => {
  const { clocks, abuse, proofOfWork } = ports
  const { share } = await readUse(ports, hardening)
  const difficulty = difficultyOf(share, abuse.proofOfWork.hardest)
  if (proof !== undefined && (await accepts(ports, proof, difficulty))) return
  const expiresAt = plusMilliseconds(clocks.wall(), abuse.proofOfWork.minutes * 60_000)
  throw new SitewrightError(
    'ProofOfWorkRequired',
    proof === undefined
      ? 'There are many sign-ups at the moment. Solve the challenge and send the request again with its proof.'
      : 'The proof is wrong, expired, used or too easy. Solve the new challenge and send the request again with its proof.',
    { challenge: await proofOfWork.challenge(expiresAt, difficulty) },
  )
}

export interface AdmitCodeTryPorts extends CountPorts {
  readonly abuse: AbusePolicy
}

/** Counts a code try against the network. @throws {SitewrightError} `RateLimited`. */
export const admitTryFrom = async (ports: AdmitCodeTryPorts, network: Network): Promise<void> => {
  if (!isLimited(ports.abuse, network)) return
  await countInWindows(ports, [{ of: 'tries of network', name: network.name, limits: ports.abuse.codeTries.network }])
}

/** Counts a code try of a network against the address, over all its sign-ups. @throws {SitewrightError} `RateLimited`. */
export const admitTryFor = async (ports: AdmitCodeTryPorts, hash: string, network: Network): Promise<void> => {
  const { address: limits } = ports.abuse.codeTries
  await countInWindows(ports, [{ of: 'tries of address and network', name: `${hash} ${network.name}`, limits }])
}
