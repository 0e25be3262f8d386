import type { Clocks } from '../../core/ports/context.ts'
import { defaultOffer, type HeldOffer, heldBy } from './offer.ts'
import { isOpen, type Offer, type Offers, requireOffer } from './offers.ts'

/** The offer and the variant as records hold them. Records of the installation's own offer hold none. */
export const heldOffer = (offer: Offer, variant: string | undefined): { offer?: string; variant?: string } => ({
  ...(offer.id === defaultOffer ? {} : { offer: offer.id }),
  // A variant that has ended meanwhile fails no sign-up.
  ...(variant !== undefined && offer.variants.some(({ name }) => name === variant) ? { variant } : {}),
})

/**
 * The offer of the sites of a session. An account keeps the offer and the variant of its first sign-up, also in another browser,
 * unless it signs in by another offer, or by the installation's own while that gives trials of its own or the account's is closed.
 */
export const offerOfSession = (
  { offers, clocks }: { readonly offers: Offers; readonly clocks: Clocks },
  signup: HeldOffer,
  account: HeldOffer = signup,
): HeldOffer => {
  const own = offers.find(undefined)
  const keeps = signup.offer === undefined && own.trials === 'one-ever'
  const isKept = keeps && isOpen(offers.find(account.offer), clocks.domain())
  return heldBy(signup.offer === account.offer || isKept ? account : signup)
}

/**
 * The offer of a new site: that at which it is asked for, as if somebody had signed in there just now; otherwise the one that they hold.
 * @param held that of the session or, for members and tokens, of the account.
 * @param account reads the account. @throws {SitewrightError} `InvalidRequest` if there is no such offer.
 */
export const offerOfRequest = async (
  ports: { readonly offers: Offers; readonly clocks: Clocks },
  { offer, variant }: HeldOffer,
  held: HeldOffer,
  account: () => Promise<HeldOffer | undefined>,
): Promise<HeldOffer> => {
  if (offer === undefined) return heldBy(held)
  const asked = heldOffer(requireOffer(ports.offers, offer), variant)
  return asked.offer === held.offer ? heldBy(held) : offerOfSession(ports, asked, await account())
}
