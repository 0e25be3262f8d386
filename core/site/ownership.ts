import * as z from 'zod'
import { idSchema } from '../ids.ts'

export const ownershipSchema = z.strictObject({
  accountId: idSchema('acct'),
  slug: z.string(),
  hostname: z.string(),
  name: z.string(),
  since: z.iso.datetime({ precision: 3 }),
  /** The offer by which it was got; absent for the installation's own. */
  offer: z.string().optional(),
  /** The offer whose own trial it uses, beside the one that an account has ever. */
  trialOf: z.string().optional(),
})
export type Ownership = z.infer<typeof ownershipSchema>

/** The place of a site in its account's allowance. It is held like the trial of an offer, whose id cannot look so. */
export const allowanceSlot = (number: number): string => `allowance#${number}`

/** Whether a site was created under its account's allowance: its owner decides what it runs. */
export const isUnderAllowance = ({ trialOf }: Pick<Ownership, 'trialOf'>): boolean =>
  trialOf?.startsWith('allowance#') === true

/**
 * Whether a site is the trial of its account that an offer would give. An offer with trials of its own asks for no others.
 * @param trialOf the offer, if its trials are its own.
 */
export const isTrialOf = (site: Pick<Ownership, 'trialOf'>, trialOf: string | undefined): boolean =>
  trialOf === undefined ? !isUnderAllowance(site) : site.trialOf === trialOf

/** Whether a site takes one of a number of places, which its purge frees. */
export const holdsPlace = ({ trialOf }: Pick<Ownership, 'trialOf'>): boolean => trialOf?.includes('#') === true
