import { modeOfKey } from '../../adapters/stripe/secret-key.ts'

/**
 * The key, where it opens the mode that is meant.
 * @param mode of the stage; a host has none of its own.
 * @throws {Error} where there is no key, or it opens the other mode: real money is touched only where that was said.
 */
export const secretKeyFor = (
  key: string | undefined,
  { isLive, mode }: { readonly isLive: boolean; readonly mode: 'test' | 'live' | undefined },
): string => {
  if (key === undefined || key === '') throw new Error('Set STRIPE_SECRET_KEY to the key of a Stripe account.')
  const opened = modeOfKey(key)
  if (opened === 'live' && !isLive) throw new Error('This key is of live mode. Add --live if real money is meant.')
  if (opened === 'test' && isLive) throw new Error('--live was given, and this key is of test mode.')
  if (mode !== undefined && mode !== opened) {
    throw new Error(`The stage works with Stripe's ${mode} mode (payments.mode), and this key is of ${opened} mode.`)
  }
  return key
}
