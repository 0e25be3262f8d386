import { createHmac } from 'node:crypto'
import type * as z from 'zod'
import type { AccountId } from '../../core/ids.ts'
import type { Randomness } from '../../core/ports/context.ts'
import type { Account } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { defaultOffer } from '../offers/offer.ts'
import { attributionSchema } from '../signup/attribution.ts'
import type { ReportAccounts } from './ports.ts'
import type { AccountOrigin } from './report-row.ts'

/** The name of something in the rows of an account: as long as nobody knows the secret, it tells nothing about the id. */
export const rowName = ({ secret }: Pick<AccountOrigin, 'secret'>, id: string): string =>
  createHmac('sha256', secret).update(id).digest('base64url').slice(0, 22)

const campaignSchema = attributionSchema.pick({ source: true, medium: true, campaign: true })

/** Where visitors came from, without what looks like the address of a person. */
export const campaignOf = (attribution: z.infer<typeof campaignSchema>): z.infer<typeof campaignSchema> =>
  campaignSchema.parse(
    Object.fromEntries(
      Object.entries(campaignSchema.strip().parse(attribution)).filter(([, text]) => !text?.includes('@')),
    ),
  )

const originOf = ({ offer, variant, attribution = {}, createdAt }: Account, secret: string): AccountOrigin => ({
  schemaVersion: 1,
  secret,
  offer: offer ?? defaultOffer,
  ...(variant === undefined ? {} : { variant }),
  ...campaignOf(attribution),
  signedUpAt: createdAt,
})

export interface ReportAccountPorts {
  readonly reportAccounts: Pick<ReportAccounts, 'get' | 'create'>
  readonly accounts: Pick<AccountStore, 'get'>
  readonly randomness: Randomness
}

/** Finds what connects an account to its rows, or creates it; undefined for an account that is erased, or that came with an invitation to a team and is not opened. */
export const reportAccountOf = async (
  { reportAccounts, accounts, randomness }: ReportAccountPorts,
  id: AccountId,
): Promise<AccountOrigin | undefined> => {
  const known = await reportAccounts.get(id)
  if (known !== undefined) return known
  const account = await accounts.get(id)
  if (account === undefined || account.closure?.state === 'erased' || account.invited) return undefined
  await reportAccounts.create(id, originOf(account, randomness.token()))
  // If two create it, one succeeds.
  return reportAccounts.get(id)
}

export const columnsOfAccount = (origin: AccountOrigin) => {
  const { secret: _, schemaVersion: __, signedUpAt: ___, ...columns } = origin
  return { account: rowName(origin, 'account'), ...columns }
}
