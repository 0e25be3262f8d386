import type { DomainId, SiteId } from '../ids.ts'
import type { DomainTenants } from '../ports/domain-edge.ts'
import type { DomainStore } from '../ports/domain-store.ts'

interface WithdrawPorts {
  readonly domains: Pick<DomainStore, 'find' | 'holderOf'>
  readonly tenants: DomainTenants
}

/**
 * Takes away what served a domain that was released, unless somebody has it by now: it may have passed to them, and goes on
 * being served without a break.
 */
export const withdrawDomain = async (
  { domains, tenants }: WithdrawPorts,
  named: { readonly siteId: SiteId; readonly id: DomainId },
): Promise<void> => {
  const released = await domains.find(named)
  if (released === undefined) return
  const { hostname } = released
  if ((await domains.holderOf(hostname)) !== undefined) return
  await tenants.withdraw(hostname)
  // Somebody may have got it in this very moment.
  if ((await domains.holderOf(hostname)) !== undefined) await tenants.serve(hostname)
}
