import { resolve } from 'node:path'
import { modeOfKey } from '../../adapters/stripe/client.ts'
import { namesOf } from '../../cloud/names.ts'
import type { Config } from '../../core/config/config.ts'
import { readHomeId } from '../../local/home/home-identity.ts'

export interface Installation {
  readonly installation: string
  /** Absent for a host, which only its own machine reaches. */
  readonly webhookUrl: string | undefined
  /** The mode of Stripe; for a host, that of its key. */
  readonly mode: 'test' | 'live' | undefined
}

/**
 * @param stage of the configuration; by default the host whose home is `SITEWRIGHT_HOME`.
 * @throws {Error} without such a stage, or if no host has used the home yet.
 */
export const installationOf = async (
  { stages }: Pick<Config, 'stages'>,
  stage: string | undefined,
  home: string = resolve(process.env['SITEWRIGHT_HOME'] ?? '.sitewright'),
): Promise<Installation> => {
  if (stage === undefined) {
    const homeId = await readHomeId(home)
    if (homeId === undefined) throw new Error(`No host has used ${home} yet. Start one first, or name a --stage.`)
    return { installation: homeId, webhookUrl: undefined, mode: undefined }
  }
  const described = stages[stage]
  if (described === undefined) {
    throw new Error(`sitewright.config.ts has no stage '${stage}'; it has: ${Object.keys(stages).join(', ')}`)
  }
  return {
    installation: namesOf(stage).installation,
    webhookUrl: `https://${described.console.hostname}/v1/webhooks/stripe`,
    mode: described.payments.mode,
  }
}

/**
 * Returns the key if it is of the intended mode.
 * @param mode of the stage; a host has no mode.
 * @throws {Error} without a key, or if it is of the other mode: only an explicit option allows real money.
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
