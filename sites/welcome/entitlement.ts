import type { IncomingMessage } from 'node:http'
import type { JWTPayload } from 'jose'
import { Problem } from './problem.ts'
import { isObject, signedHeaderVerifier } from './signed-header.ts'
import { type Texts, textsFor } from './texts.ts'

/** The features and limits of this site, as Sitewright says with each request. */
export interface Entitlement {
  readonly name: string
  readonly plan: string
  readonly features: readonly string[]
  /** By name; more are added over time. */
  readonly limits: Readonly<Record<string, number>> & { readonly storageMiB: number }
  readonly trialEndsAt: string | null
  /** Until when the site runs though a payment is overdue. */
  readonly paymentDueBy: string | null
  /** Until when the site runs though its subscription has ended or is paused. */
  readonly endsAt: string | null
  /** Where the owner looks after the site, and pays. */
  readonly consoleUrl: string | null
  /** The origins at hostnames derived from the site's own, by purpose. */
  readonly origins: Readonly<Record<string, string>>
  /** For each feature that the plan lacks, the plans that have it. */
  readonly unlocks: Readonly<Record<string, readonly string[]>>
}

const isText = (value: unknown): value is string => typeof value === 'string'

const isNumber = (value: unknown): value is number => typeof value === 'number'

const isTextOrNull = (value: unknown): value is string | null => isText(value) || value === null

const areTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isText)

const isRecordOf = <Value>(is: (value: unknown) => value is Value, record: unknown): record is Record<string, Value> =>
  isObject(record) && Object.values(record).every(is)

const areLimits = (value: unknown): value is Entitlement['limits'] =>
  isRecordOf(isNumber, value) && 'storageMiB' in value

/** The entitlement in a verified payload; undefined where it is not one. */
const entitlementIn = ({ name, plan, features, limits, facts }: JWTPayload): Entitlement | undefined => {
  if (!isText(name) || !isText(plan) || !areTexts(features)) return undefined
  if (!areLimits(limits) || !isObject(facts)) return undefined
  // Routers of earlier versions do not send all of these.
  const { trialEndsAt, paymentDueBy = null, endsAt = null, consoleUrl = null, unlocks = {}, origins = {} } = facts
  if (!isTextOrNull(trialEndsAt) || !isTextOrNull(paymentDueBy) || !isTextOrNull(endsAt)) return undefined
  if (!isTextOrNull(consoleUrl) || !isRecordOf(areTexts, unlocks) || !isRecordOf(isText, origins)) return undefined
  return { name, plan, features, limits, trialEndsAt, paymentDueBy, endsAt, consoleUrl, unlocks, origins }
}

/** Verifies `x-sitewright-entitlement`; see `signedHeaderVerifier`. */
export const entitlementVerifier = (siteId: string, rootKey: string) =>
  signedHeaderVerifier({ siteId, rootKey, typ: 'sitewright-entitlement+jwt', read: entitlementIn })

export type VerifyEntitlement = ReturnType<typeof entitlementVerifier>

const tokenOf = (request: IncomingMessage): string | undefined => {
  const value = request.headers['x-sitewright-entitlement']
  return typeof value === 'string' ? value : undefined
}

/** The request's entitlement; undefined where it has no valid one. */
export const entitlementOf = (request: IncomingMessage, verify: VerifyEntitlement): Promise<Entitlement | undefined> =>
  verify(tokenOf(request))

/** @throws {Problem} 403 */
export const requireEntitlement = async (request: IncomingMessage, verify: VerifyEntitlement): Promise<Entitlement> => {
  const entitlement = await entitlementOf(request, verify)
  if (entitlement === undefined) throw new Problem(403, 'The request carries no valid entitlement.')
  return entitlement
}

/** The name of a plan: its id with a capital, because the router sends no other. */
export const planName = (id: string): string => id.charAt(0).toUpperCase() + id.slice(1)

/** A sentence that says which plans have a feature, such as "The plans Growth and Enterprise include it." */
export const whereToGet = ({ unlocks }: Entitlement, feature: string, { t }: Texts = textsFor()): string => {
  const plans = (unlocks[feature] ?? []).map(planName)
  if (plans.length === 0) return t('inNoPlan')
  const all = new Intl.ListFormat(t('locale'), { type: 'conjunction' }).format(plans)
  return t(plans.length === 1 ? 'inOnePlan' : 'inPlans').replace('{plans}', () => all)
}

/**
 * @param shownAs begins the sentence that a person reads, such as "Courses".
 * @throws {Problem} 403 without an entitlement; 402 with the plans that have the feature, where this plan lacks it.
 */
export const requireFeature = async (
  request: IncomingMessage,
  verify: VerifyEntitlement,
  { feature, shownAs }: { readonly feature: string; readonly shownAs: string },
): Promise<Entitlement> => {
  const entitlement = await requireEntitlement(request, verify)
  if (entitlement.features.includes(feature)) return entitlement
  const { plan, unlocks } = entitlement
  throw new Problem(402, `${shownAs} is not part of the plan ${planName(plan)}. ${whereToGet(entitlement, feature)}`, {
    members: { feature, plans: unlocks[feature] ?? [] },
  })
}
