import type { AccountId } from '../../../../core/ids.ts'
import { ownershipOf } from '../../../../core/site/site.ts'
import { ownershipName, ownershipValue } from '../../../../lambdas/domains/custom-domain.ts'
import { operatorToken } from '../billing/billing-world.ts'
import { act, type Buyer, expectStatus, signUp } from '../billing/buyer.ts'
import type { DomainWorld } from './domain-scenario.ts'

/** As agreed by hand: what domains depend on is the plan, and not who pays for it. */
export const givePlan = async (world: DomainWorld, { id }: Buyer, plan: string): Promise<void> => {
  const headers = { authorization: `Bearer ${operatorToken}` }
  const body = { plan, reason: 'As agreed.' }
  expectStatus(await world.insist({ method: 'POST', path: `/v1/operator/sites/${id}/plan`, headers, body }), 200)
  await world.quiet()
}

/** Another account, with a site of its own. */
export const anotherOwner = async (world: DomainWorld): Promise<Buyer> => {
  const owner = await signUp(world, { email: 'bea@example.com', slug: 'bakery' })
  await givePlan(world, owner, 'growth')
  return owner
}

/** Asked once more, it is there already. */
export const addDomain = async (world: DomainWorld, owner: Buyer, hostname: string): Promise<void> => {
  expectStatus(await act(world, owner, 'POST', '/domains', { hostname }), 200, 201)
  await world.quiet()
}

/** Sets both records, instead of those that were there. */
export const setRecords = ({ edge: { zone }, ...world }: DomainWorld, { id, accountId }: Buyer, hostname: string) => {
  const claim = { accountId: accountId as AccountId, hostname }
  zone.set(ownershipName(hostname), { TXT: [ownershipValue(claim)] })
  zone.set(hostname, { CNAME: zone.edge.targetOf(ownershipOf(world.site(id))?.hostname ?? '') })
}

export const removeRecords = ({ edge: { zone } }: DomainWorld, hostname: string): void => {
  zone.remove(ownershipName(hostname))
  zone.remove(hostname)
}

export const verifyDomain = async (world: DomainWorld, owner: Buyer, hostname: string): Promise<void> => {
  expectStatus(await act(world, owner, 'POST', `/domains/${hostname}/verification`), 200)
  await world.quiet()
}

/** Asked once more, it is gone already. */
export const releaseDomain = async (world: DomainWorld, owner: Buyer, hostname: string): Promise<void> => {
  const answer = await act(world, owner, 'DELETE', `/domains/${hostname}`)
  if (answer.status !== 204) expectStatus(answer, 404)
  await world.quiet()
}

/** Some minutes pass: domains are checked, and certificates come. */
export const fewMinutes = async (world: DomainWorld): Promise<void> => {
  for (let minute = 0; minute < 4; minute += 1) {
    world.wait(1)
    world.edge.issue()
    await world.tick('check-domains')
  }
}

/** A domain that points to a site, and is served. */
export const serveDomain = async (world: DomainWorld, owner: Buyer, hostname: string): Promise<void> => {
  await addDomain(world, owner, hostname)
  setRecords(world, owner, hostname)
  await fewMinutes(world)
}
