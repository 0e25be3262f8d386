import type { IncomingMessage } from 'node:http'
import type { Entitlement, VerifyEntitlement } from './entitlement.ts'
import { Problem } from './problem.ts'

const tokenOf = (request: IncomingMessage): string | undefined => {
  const value = request.headers['x-sitewright-entitlement']
  return typeof value === 'string' ? value : undefined
}

/** What the request's entitlement says; undefined where it has none that is to be believed. */
export const entitlementOf = (request: IncomingMessage, verify: VerifyEntitlement): Promise<Entitlement | undefined> =>
  verify(tokenOf(request))

/** @throws {Problem} 403 */
export const requireEntitlement = async (request: IncomingMessage, verify: VerifyEntitlement): Promise<Entitlement> => {
  const entitlement = await entitlementOf(request, verify)
  if (entitlement === undefined) throw new Problem(403, 'The request carries no valid entitlement.')
  return entitlement
}

/** A sentence that says where a feature is to be had, such as "It comes with the plan growth or enterprise." */
export const whereToGet = ({ unlocks }: Entitlement, feature: string): string => {
  const plans = unlocks[feature] ?? []
  const either = new Intl.ListFormat('en-GB', { type: 'disjunction' })
  return plans.length === 0 ? 'No other plan has it.' : `It comes with the plan ${either.format(plans)}.`
}

/**
 * @param feature as plans name it.
 * @param shownAs begins the sentence that a person reads, such as "Courses".
 * @throws {Problem} 403 without an entitlement; 402 where the plan lacks the feature, with the plans that have it.
 */
export const requireFeature = async (
  request: IncomingMessage,
  verify: VerifyEntitlement,
  { feature, shownAs }: { readonly feature: string; readonly shownAs: string },
): Promise<Entitlement> => {
  const entitlement = await requireEntitlement(request, verify)
  if (entitlement.features.includes(feature)) return entitlement
  const { plan, unlocks } = entitlement
  throw new Problem(402, `${shownAs} is not part of the plan ${plan}. ${whereToGet(entitlement, feature)}`, {
    members: { feature, plans: unlocks[feature] ?? [] },
  })
}
