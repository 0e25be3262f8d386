import type { RateLimit } from '../../rate-limits/count-in-windows.ts'
import { codeCount, codeTries } from '../signup.ts'
import type { AbusePolicy } from './abuse-policy.ts'

/** The most that the chance may be. */
export const mostGuessingChance = 1e-4

const knownAddresses = 1000
const day = 1440

/** The most that limits let through in a day; infinite without a limit. */
const mostADay = (limits: readonly RateLimit[]): number =>
  Math.min(
    Number.POSITIVE_INFINITY,
    ...limits.map(({ limit, minutes }) => limit * Math.max(1, Math.ceil(day / minutes))),
  )

/**
 * Returns the chance that somebody with any number of networks guesses in a day the code of any of 1,000 known addresses.
 * @param codes the limits of codes for one address. @param tries the tries on one code, over all networks.
 */
export const guessingChance = (codes: readonly RateLimit[], tries: number): number =>
  Math.min(1, (knownAddresses * mostADay(codes) * tries) / codeCount)

/** For sign-ups and sign-ins. The tries on a code count in windows of a day, and a code may be in two. */
export const signupGuessingChance = ({ mails }: Pick<AbusePolicy, 'mails'>): number =>
  guessingChance(mails.address, 2 * codeTries)
