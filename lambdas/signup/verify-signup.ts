import { tokenHash } from '../../core/digest.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SignupId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import type { Log } from '../../core/ports/context.ts'
import { lineOf } from '../../core/text.ts'
import { type Account, chooseMarketing } from '../accounts/account.ts'
import { type ChangeAccountPorts, changeAccount } from '../accounts/change-account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { type Session, sessionPlace } from '../accounts/session/session-facts.ts'
import { longestEnd, ownerSessionLife } from '../accounts/session/session-life.ts'
import type { TeamStore } from '../accounts/team/team.ts'
import { type Offers, requireOpen } from '../offers/offers.ts'
import { offerOfSession } from '../offers/session-offer.ts'
import { type AuditingPorts, auditEntry, auditOrigin, personAudited } from '../operators/audit/audit-entry.ts'
import { type CodeSecret, countUse, readUse } from '../rate-limits/count-in-windows.ts'
import { isLimited, type Network, networkOf } from '../rate-limits/network.ts'
import { type AdmitCodeTryPorts, admitTryFor, admitTryFrom, wrongCodes } from './abuse/admit-signup.ts'
import { withoutClickIds } from './attribution.ts'
import { mailsTo } from './mail-code.ts'
import {
  codeMatches,
  codeTries,
  isLinkCode,
  type OpeningPorts,
  opening,
  type Signup,
  type SignupMails,
  type SignupStore,
  signupTries,
} from './signup.ts'

interface GivenConsent {
  readonly acceptedTerms?: boolean | undefined
  /** The version of the text by which the person consents to marketing now. */
  readonly marketingConsent?: string | undefined
}

/**
 * The sign-up with what the person agreed to who has proved the address. Somebody else may have typed the address and ticked the boxes: only who
 * types the code has the mail and began the sign-up. Who follows the link agrees by that request or not at all.
 */
const withOwnConsent = (
  signup: Signup,
  { acceptedTerms, marketingConsent }: GivenConsent,
  { isByLink, now }: { readonly isByLink: boolean; readonly now: Instant },
): Signup => {
  const text = lineOf(marketingConsent, 40)
  const own = isByLink ? withoutConsent(signup, text !== undefined) : signup
  return {
    ...own,
    ...(acceptedTerms === true ? { termsAcceptedAt: now } : {}),
    ...(text === undefined ? {} : { marketing: { at: now, text } }),
  }
}

const withoutConsent = (signup: Signup, keepsClickIds: boolean): Signup => {
  const { marketing: _, termsAcceptedAt: __, attribution, ...others } = signup
  return { ...others, ...(attribution && { attribution: keepsClickIds ? attribution : withoutClickIds(attribution) }) }
}

export interface VerifySignupPorts extends AdmitCodeTryPorts, AuditingPorts, ChangeAccountPorts, OpeningPorts {
  readonly offers: Offers
  readonly signups: SignupStore
  readonly signupMails: SignupMails
  readonly accounts: AccountStore
  readonly team: Pick<TeamStore, 'invitationsTo'>
  readonly codeSecret: CodeSecret
  readonly log: Log
}

export interface VerifySignup extends GivenConsent {
  readonly id: SignupId
  readonly code: string
  readonly sourceIp: string
  readonly userAgent?: string | undefined
}

const wrongCode = (triesLeft: number): SitewrightError =>
  new SitewrightError(
    'CodeWrong',
    triesLeft > 0
      ? `The code is wrong. ${triesLeft} of ${signupTries} tries are left.`
      : 'The code is wrong. Use the link in our last mail, or request a new code.',
    { fields: [{ path: 'code', message: 'is wrong' }] },
  )

const exhausted = (): SitewrightError =>
  new SitewrightError(
    'CodeExhausted',
    'There were too many wrong attempts on this code. Use the link in our last mail, or request a new code.',
  )

const expired = (): SitewrightError => new SitewrightError('CodeExpired', 'This code has expired. Request a new one.')

const used = (): SitewrightError => new SitewrightError('CodeExpired', 'This code was used already. Request a new one.')

const unknown = (): SitewrightError => new SitewrightError('NotFound', 'There is no such sign-up. Request a new code.')

/** Why a try was not counted. */
const refusals = { exhausted, expired, unknown, used } as const

const day = 1440

/** Counts a try on a code, which sign-ups can share. @returns how many tries the network has left. */
const countTryOfNetwork = async (ports: VerifySignupPorts, codeId: SignupId, network: Network): Promise<number> => {
  const limits = [{ limit: signupTries, minutes: day }]
  const name = `${codeId} ${network.name}`
  const { share } = await countUse(ports, [{ of: 'tries of code and network', name, limits }])
  if (share > 1) throw exhausted()
  return Math.round(signupTries * (1 - share))
}

const limitsOfCode = [{ limit: codeTries, minutes: day }]

/** Counts a try on a sign-up and, if it is open, on its code, over all networks. */
const countTry = async (ports: VerifySignupPorts, id: SignupId, openCodeId?: SignupId): Promise<Signup> => {
  const [result, { share }] = await Promise.all([
    ports.signups.countTry(id, codeTries, ports.clocks.wall()),
    countUse(ports, openCodeId === undefined ? [] : [{ of: 'tries of code', name: openCodeId, limits: limitsOfCode }]),
  ])
  if (result.outcome !== 'counted') throw refusals[result.outcome]()
  if (share > 1) throw exhausted()
  return result.signup
}

/** Compares a code that somebody typed. Tries are counted for each network first, so that one cannot use up those of others. */
const checkCode = async (
  ports: VerifySignupPorts,
  { id, code }: VerifySignup,
  known: Signup | undefined,
  network: Network,
): Promise<Signup> => {
  const isOpen =
    known !== undefined &&
    known.usedAt === undefined &&
    known.tries < codeTries &&
    known.expiresAt > ports.clocks.wall()
  if (!isOpen) {
    // It says what is wrong with the sign-up.
    await countTry(ports, id)
    throw expired()
  }
  const codeId = known.sharesCodeOf ?? id
  await admitTryFor(ports, known.emailHash, network)
  const triesLeft = await countTryOfNetwork(ports, codeId, network)
  const signup = await countTry(ports, id, codeId)
  if (codeMatches(signup.codeHash, await ports.codeSecret(), id, code)) return signup
  if (isLimited(ports.abuse, network)) await countUse(ports, [wrongCodes(ports.abuse)])
  throw wrongCode(triesLeft)
}

/** Whether a sign-up's mail is the last one to its address, which gets no more mails for now. */
const isLastMail = async (ports: VerifySignupPorts, { id, emailHash }: Signup): Promise<boolean> => {
  const last = await ports.signupMails.last(emailHash, ports.clocks.wall())
  if (last !== id) return false
  const { share } = await readUse(ports, [mailsTo(ports.abuse, emailHash)])
  return share >= 1
}

/**
 * Accepts the code of the mail's link without counting a try. The link of the last mail stays valid while its address gets no
 * more mails: nobody can keep the owner out by using up both the mails and the tries.
 */
const checkLink = async (ports: VerifySignupPorts, signup: Signup): Promise<Signup> => {
  if (signup.usedAt !== undefined) throw used()
  if (signup.expiresAt <= ports.clocks.wall() && !(await isLastMail(ports, signup))) throw expired()
  return signup
}

/** Stores the consent to marketing of somebody who has an account. That fails no sign-in. */
const storeConsent = async (ports: VerifySignupPorts, signup: Signup, known: Account): Promise<void> => {
  const { id, marketing } = signup
  if (marketing === undefined) return
  const context = { ...ports, actor: { kind: 'owner', personId: known.ownerId }, causationId: id } as const
  try {
    await changeAccount(ports, known.id, (account) => chooseMarketing(account, marketing.text, context))
  } catch (error) {
    ports.log.warn({ accountId: known.id, err: error }, 'the consent to marketing could not be stored at a sign-in')
  }
}

/** Beyond it, a few such networks could take the trials of a day. */
const accountsOfNetwork = { limit: 100, minutes: day }

/** Logs once a day that many accounts were opened from a network. That fails no sign-in. */
const watchNetwork = async (ports: VerifySignupPorts, network: Network): Promise<void> => {
  if (!isLimited(ports.abuse, network)) return
  try {
    const subject = { of: 'accounts of network', name: network.name, limits: [accountsOfNetwork] } as const
    const { share } = await countUse(ports, [subject])
    if (share !== 1) return
    const { limit: accounts } = accountsOfNetwork
    ports.log.warn(
      { event: 'many-accounts-of-network', network: network.name, accounts },
      'many accounts were opened from one network in a day',
    )
  } catch (error) {
    ports.log.warn({ err: error }, 'the accounts of a network could not be counted')
  }
}

/** Whether somebody invited the address to a team before it had an account, which has asked for nothing of its own since. */
const cameByInvitation = async ({ team, clocks }: VerifySignupPorts, { emailHash }: Signup, account?: Account) =>
  account === undefined ? (await team.invitationsTo(emailHash, clocks.wall())).length > 0 : account.invited === true

const followUp = (
  ports: VerifySignupPorts,
  { sourceIp }: VerifySignup,
  signup: Signup,
  account: Account | undefined,
): Promise<void> =>
  account === undefined ? watchNetwork(ports, networkOf(sourceIp)) : storeConsent(ports, signup, account)

const requireCode = async (ports: VerifySignupPorts, command: VerifySignup): Promise<Signup> => {
  const { id, code, sourceIp } = command
  const network = networkOf(sourceIp)
  const [known] = await Promise.all([ports.signups.get(id), admitTryFrom(ports, network)])
  const isLink = known?.sharesCodeOf === undefined && isLinkCode(await ports.codeSecret(), id, code)
  const link = isLink ? known : undefined
  const signup = link ? await checkLink(ports, link) : await checkCode(ports, command, known, network)
  return withOwnConsent(signup, command, { isByLink: link !== undefined, now: ports.clocks.wall() })
}

/**
 * Exchanges the code for a session, and opens the account of a new address.
 * @returns also the token, which is stored nowhere.
 * @throws {SitewrightError} `NotFound`, `CodeWrong`, `CodeExpired`, `CodeExhausted`, `OfferClosed`, `RateLimited`.
 */
export const verifySignup = async (
  ports: VerifySignupPorts,
  command: VerifySignup,
): Promise<{ readonly session: Session; readonly token: string }> => {
  const signup = await requireCode(ports, command)
  const token = ports.randomness.token()
  const now = ports.clocks.wall()
  // A second round if somebody else has just opened the account.
  for (let round = 1; round <= 2; round += 1) {
    const known = await ports.accounts.findByEmailHash(signup.emailHash)
    const account = known && (await ports.accounts.get(known.accountId))
    const isInvited = await cameByInvitation(ports, signup, account)
    // Those who have an account sign in by a closed offer as well, and those who are invited join their team. Neither gets a site by it.
    if (known === undefined && !isInvited) requireOpen(ports.offers.find(signup.offer), ports.clocks.domain())
    const fresh = opening(signup, ports, isInvited)
    const identity = known ?? { personId: fresh.person.id, accountId: fresh.account.id }
    const session: Session = {
      schemaVersion: 1,
      tokenHash: tokenHash(token),
      ...identity,
      email: signup.email,
      createdAt: now,
      expiresAt: longestEnd(now, ownerSessionLife),
      place: sessionPlace(command.sourceIp, command.userAgent),
      ...(signup.blueprint === undefined ? {} : { blueprint: signup.blueprint }),
      ...offerOfSession(ports, signup, account),
      ...(isInvited && { invited: true }),
    }
    const entry = auditEntry(ports, {
      who: personAudited(session),
      action: 'signIn',
      targets: [session.accountId],
      from: auditOrigin(command.sourceIp, command.userAgent),
    })
    const openings = known === undefined ? { opening: fresh } : {}
    const result = await ports.signups.complete({ signup, session, entry, ...openings })
    if (result === 'done') {
      await followUp(ports, command, signup, account)
      return { session, token }
    }
    if (result === 'used') throw used()
  }
  throw new SitewrightError('Unavailable', 'The account is being opened. Try again in a moment.')
}
