import type { DomainId, SiteId } from '../ids.ts'
import type { DomainEdge, DomainStore } from '../ports/domains.ts'

interface WithdrawPorts {
  readonly domains: Pick<DomainStore, 'find' | 'holderOf'>
  readonly edge: Pick<DomainEdge, 'serve' | 'withdraw'>
}

/**
 * Takes away what served a domain that was released, unless somebody has it by now: it may have passed to them, and goes on
 * being served without a break.
 */
export const withdrawDomain = async (
  { domains, edge }: WithdrawPorts,
  named: { readonly siteId: SiteId; readonly id: DomainId },
): Promise<void> => {
  const released = await domains.find(named)
  if (released === undefined) return
  const { hostname } = released
  if ((await domains.holderOf(hostname)) !== undefined) return
  await edge.withdraw(hostname)
  // Somebody may have got it in this very moment.
  if ((await domains.holderOf(hostname)) !== undefined) await edge.serve(hostname)
}
