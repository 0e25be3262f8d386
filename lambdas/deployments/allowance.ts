import { refuseField, SitewrightError } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { isEnvironment } from '../../core/site/environment.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { isUnderAllowance } from '../../core/site/ownership.ts'
import { ownershipOf, type Site } from '../../core/site/site.ts'
import { type Account, chooseAllowance } from '../accounts/account.ts'
import { type ChangeAccountPorts, changeAccount } from '../accounts/change-account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { isOwnBlueprint } from './deployment.ts'

/** Nobody needs more, and an operator may mistype. */
export const maxAllowedSites = 100

/** @throws {SitewrightError} `Forbidden`. */
export const requireAllowance = (account: Account | undefined): NonNullable<Account['allowance']> => {
  if (account?.allowance !== undefined) return account.allowance
  throw new SitewrightError(
    'Forbidden',
    'This account has no allowance for software of its own. Ask the operators of this installation for one.',
  )
}

/** @throws {SitewrightError} `Forbidden` for a site that a vendor's software runs on. */
export const requireSiteOfOwn = (site: Site): void => {
  const ownership = ownershipOf(site)
  const isOwn = isEnvironment(site) ? isOwnBlueprint(site.blueprint.name) : isUnderAllowance(ownership ?? {})
  if (isOwn) return
  throw new SitewrightError(
    'Forbidden',
    'This site runs the software of its vendor. Create a site for your own with `"software": "own"`.',
  )
}

/** @throws {SitewrightError} `Forbidden`, also without an allowance. */
export const requireOwnSoftware = async (
  { accounts }: { readonly accounts: Pick<AccountStore, 'get'> },
  site: Site,
): Promise<void> => {
  const accountId = ownershipOf(site)?.accountId
  requireAllowance(accountId && (await accounts.get(accountId)))
  requireSiteOfOwn(site)
}

/**
 * Gives an account an allowance, changes it, or takes it back with 0 sites. The sites that it has keep running.
 * @throws {SitewrightError} `NotFound`; `InvalidRequest` unless the plan is one by agreement; `VersionConflict`.
 */
export const changeAllowance = async (
  ports: ChangeAccountPorts & { readonly plans: PlanCatalogue },
  id: AccountId,
  request: { readonly plan: string; readonly sites: number; readonly reason: string },
  context: ChangeContext,
): Promise<Account> => {
  const byAgreement = ports.plans.plans.filter(({ kind }) => kind === 'enterprise').map((plan) => plan.id)
  if (!byAgreement.includes(request.plan)) {
    const problem = `must be a plan by agreement: ${byAgreement.join(', ')}`
    refuseField('plan', problem, `'${request.plan}' is not a plan by agreement.`)
  }
  return changeAccount(ports, id, (account) => chooseAllowance(account, request, context))
}
