import type { Instant } from '../../core/instant.ts'
import { lineOf } from '../../core/text.ts'
import { withoutClickIds } from './attribution.ts'
import type { Signup } from './signup.ts'

/** What somebody agrees to with a code. */
export interface GivenConsent {
  /** Whether the person accepts the terms now. */
  readonly acceptedTerms?: boolean | undefined
  /** The version of the text by which the person consents to marketing now. */
  readonly marketingConsent?: string | undefined
}

/**
 * The sign-up with what the person agreed to who has proved the address. Somebody else may have typed the address and ticked the boxes: only who
 * types the code has the mail and began the sign-up. Who follows the link agrees by that request or not at all.
 */
export const withOwnConsent = (
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
