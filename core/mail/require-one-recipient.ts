import { SitewrightError } from '../errors.ts'

/** One address and nothing else: no list, no name, no line break that would begin another header. */
const oneAddress = /^[^\s\p{Cc},;:<>"()@]+@[^\s\p{Cc},;:<>"()@]+$/u

/** @throws {SitewrightError} `InvalidRequest`. */
export const requireOneRecipient = (to: string): void => {
  if (oneAddress.test(to)) return
  throw new SitewrightError('InvalidRequest', 'the recipient of a mail has to be a single e-mail address')
}
