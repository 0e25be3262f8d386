import { createBillingWorld } from '../billing/billing-world.ts'
import { type Buyer, signUp } from '../billing/buyer.ts'
import { differences } from '../differences.ts'
import type { Extent } from '../extent.ts'
import type { FaultPoint } from '../fault-point.ts'
import type { Sweep } from '../sweep.ts'
import { sweepPoints } from '../sweep-points.ts'
import { domainProblems } from './domain-invariants.ts'
import { fewMinutes, givePlan } from './domain-owner.ts'
import type { DomainScenario, DomainWorld, Owners } from './domain-scenario.ts'
import { hostnames } from './domain-scenarios.ts'
import { openEdgeHere } from './edge-here.ts'

/** Other sweeps cover the mails on money, trials and deletions. */
const toldOfDomains = ({ outside }: DomainWorld, before: number): readonly string[] =>
  outside.mails
    .slice(before)
    .map(({ subject }) => subject)
    .filter((subject) => hostnames.some((hostname) => subject.startsWith(hostname)))

const prepared = async ({ prepare }: DomainScenario, world: DomainWorld, owner: Buyer): Promise<Owners> => {
  await givePlan(world, owner, 'growth')
  return (await prepare?.(world, owner)) ?? [owner]
}

const runWorld = async (scenario: DomainScenario, point?: FaultPoint) => {
  const edge = await openEdgeHere()
  const world: DomainWorld = { ...(await createBillingWorld(point, edge)), edge }
  const problems: string[] = []
  try {
    const owners = await prepared(scenario, world, await signUp(world))
    await world.quiet()
    const before = world.outside.mails.length
    world.plan.arm()
    await scenario.run(world, owners)
    await world.quiet()
    world.plan.disarm()
    await world.heal()
    await fewMinutes(world)
    const { outcome } = scenario
    problems.push(
      ...(await domainProblems(world, owners, outcome, hostnames)),
      ...differences('mails to owners', toldOfDomains(world, before), outcome.told),
    )
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    await world.end()
    edge.close()
  }
  return { calls: world.plan.calls(), reached: world.plan.wasReached(), problems, log: world.logged }
}

/** The calls that have to do with domains; other sweeps cover the rest. */
const ofDomains =
  /^(check-domains|follow-site-domains|withdraw-domain|mail-domain|stream|publish-events) |^owner-api (?!sites\.commit)/

/** What only looks, again and again: what comes after so many is the same again. */
const checks = / (dns\.|cloudfront\.(find|certificateOf)|\w+\.(get|find|getOwner|holderOf|listDue|pending|note)#)/
const maxChecks = 6

const isSwept = (call: string): boolean =>
  ofDomains.test(call) && !(checks.test(call) && Number(call.slice(call.lastIndexOf('#') + 1)) > maxChecks)

/** Runs a scenario once to learn its calls, and then once for each fault that they can have. */
export const sweepDomains = (
  scenario: DomainScenario,
  extent: Extent,
  isWanted: (point: FaultPoint) => boolean = () => true,
): Promise<Sweep> => sweepPoints((point) => runWorld(scenario, point), { isSwept, extent, isWanted })
