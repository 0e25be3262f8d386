import type { Context } from '../../core/ports/context.ts'
import type { AccountOpening } from '../accounts/account.ts'
import type { HeldOffer } from '../offers/offer.ts'
import { isOpen, type Offers } from '../offers/offers.ts'
import { mailOf } from './attribution.ts'
import type { Signup } from './signup.ts'

export interface OpeningPorts extends Pick<Context, 'clocks' | 'randomness'> {
  /** Domains at which anybody gets an address. */
  readonly freeMailDomains: ReadonlySet<string>
  readonly offers: Offers
}

const heldBy = ({ offer, variant }: HeldOffer): HeldOffer => ({
  ...(offer === undefined ? {} : { offer }),
  ...(variant === undefined ? {} : { variant }),
})

/**
 * The offer of the sites of a session. An account keeps the offer and the variant of its first sign-up, also in another browser,
 * unless it signs in by another offer, or by the installation's own while that gives trials of its own or the account's is closed.
 */
export const heldFor = (
  { offers, clocks }: Pick<OpeningPorts, 'offers' | 'clocks'>,
  signup: Signup,
  account: HeldOffer = signup,
): HeldOffer => {
  const own = offers.find(undefined)
  const keeps = signup.offer === undefined && own.trials === 'one-ever'
  const isKept = keeps && isOpen(offers.find(account.offer), clocks.domain())
  return heldBy(signup.offer === account.offer || isKept ? account : signup)
}

/** What an account is opened with: a sign-up, or what another installation says of its owner. */
export type NewAddress = Omit<Partial<Signup>, 'id'> & Pick<Signup, 'email' | 'emailHash'> & { readonly id: string }

/** The account of a new address, with its person. @param isInvited whether somebody has invited it to a team. */
export const opening = (
  signup: NewAddress,
  { clocks, randomness, freeMailDomains }: Omit<OpeningPorts, 'offers'>,
  isInvited = false,
): AccountOpening => {
  const { name, timeZone, termsAcceptedAt, company, attribution, language, marketing, answers } = signup
  const createdAt = clocks.domain()
  const personId = randomness.id('prsn')
  const accountId = randomness.id('acct')
  return {
    person: {
      schemaVersion: 1,
      id: personId,
      email: signup.email,
      emailHash: signup.emailHash,
      createdAt,
      ...(name !== undefined && { name }),
      ...(timeZone !== undefined && { timeZone }),
      ...(termsAcceptedAt !== undefined && { termsAcceptedAt }),
    },
    account: {
      schemaVersion: 1,
      id: accountId,
      version: 1,
      ownerId: personId,
      createdAt,
      ...(company !== undefined && { company }),
      ...(attribution && { attribution }),
      ...(language !== undefined && { language }),
      ...(marketing && { marketing }),
      ...(answers && { answers }),
      mail: mailOf(signup.email, freeMailDomains),
      ...(isInvited && { invited: true }),
      ...heldBy(signup),
    },
    event: {
      schemaVersion: 1,
      id: randomness.id('evt'),
      type: isInvited ? 'AccountInvited' : 'AccountOpened',
      aggregate: { type: 'account', id: accountId },
      version: 1,
      at: createdAt,
      actor: { kind: 'owner', personId },
      causationId: signup.id,
      data: { personId },
    },
  }
}
