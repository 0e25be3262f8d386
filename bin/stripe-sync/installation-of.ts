import { resolve } from 'node:path'
import { namesOf } from '../../cloud/names.ts'
import type { Config } from '../../core/config/config.ts'
import { readHomeId } from '../temporary-home/read-home-id.ts'

/** Whose things at Stripe are meant, and where its events come in. */
export interface Installation {
  readonly installation: string
  /** Absent for a host: nobody outside of its machine reaches it. */
  readonly webhookUrl: string | undefined
  /** Which mode of Stripe it works with; a host works with its key's. */
  readonly mode: 'test' | 'live' | undefined
}

/**
 * @param stage of the configuration; without, the host whose home is `SITEWRIGHT_HOME`.
 * @throws {Error} where there is no such stage, or no host has used the home yet.
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
