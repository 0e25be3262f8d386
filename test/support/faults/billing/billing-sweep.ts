import { charges } from '#stripe-stand-in/resources/charges.ts'
import { refunds } from '#stripe-stand-in/resources/refunds.ts'
import { subscriptions } from '#stripe-stand-in/resources/subscriptions.ts'
import { differences } from '../differences.ts'
import type { Extent } from '../extent.ts'
import type { FaultPoint } from '../fault-point.ts'
import type { Sweep } from '../sweep.ts'
import { sweepPoints } from '../sweep-points.ts'
import { billingProblems } from './billing-invariants.ts'
import type { BillingScenario } from './billing-scenario.ts'
import { type BillingWorld, createBillingWorld } from './billing-world.ts'
import { type Buyer, signUp } from './buyer.ts'

const atStripe = ({ stripe }: BillingWorld): string =>
  stripe.check((at) => JSON.stringify([subscriptions.list(at), refunds.list(at), charges.list(at)]))

/** Everything is told once more and looked at once more, and nothing comes of it. */
const unrest = async (world: BillingWorld, { id }: Buyer): Promise<readonly string[]> => {
  const { version } = world.site(id)
  const before = atStripe(world)
  await world.deliverAgain()
  await world.tick('reconcile-billing')
  return [
    ...(world.site(id).version === version ? [] : ['the site was changed again without need']),
    ...(atStripe(world) === before ? [] : ['something was done again at Stripe without need']),
  ]
}

/** What the owner was told since then; how often each subject came is part of it. */
const toldSince = ({ outside }: BillingWorld, before: number): readonly string[] =>
  outside.mails.slice(before).flatMap(({ code, subject }) => (code === undefined ? [subject] : []))

const runWorld = async ({ prepare, from, run, outcome }: BillingScenario, point?: FaultPoint) => {
  const world = await createBillingWorld(point)
  const problems: string[] = []
  try {
    const first = await signUp(world)
    const buyer = (await prepare?.(world, first)) ?? first
    await world.quiet()
    if (world.site(buyer.id).status !== from)
      problems.push(`it began with a site that is ${world.site(buyer.id).status}`)
    const before = world.outside.mails.length
    world.plan.arm()
    await run(world, buyer)
    await world.quiet()
    world.plan.disarm()
    await world.heal()
    problems.push(...billingProblems(world, buyer, outcome), ...(await unrest(world, buyer)))
    if (outcome.told) problems.push(...differences('mails to the owner', toldSince(world, before), outcome.told))
  } catch (error) {
    problems.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  } finally {
    await world.end()
  }
  return { calls: world.plan.calls(), reached: world.plan.wasReached(), problems, log: world.logged }
}

/** The calls that have to do with money; other sweeps cover the rest. */
const ofBilling =
  /^(owner-api|stripe-webhook|converge-billing|reconcile-billing|stream|publish-events) | (stripe|accountChanges|checkouts|paymentNotices)\./

/** What only looks, for every event that comes in: what comes after so many is the same again. */
const checks = / (stripe\.GET |\w+\.(get|find|getOwner|pending)#)/
const maxChecks = 8

const isSwept = (call: string): boolean =>
  ofBilling.test(call) && !(checks.test(call) && Number(call.slice(call.lastIndexOf('#') + 1)) > maxChecks)

/** Runs a scenario once to learn its calls, and then once for each fault that they can have. */
export const sweepBilling = (
  scenario: BillingScenario,
  extent: Extent,
  isWanted: (point: FaultPoint) => boolean = () => true,
): Promise<Sweep> => sweepPoints((point) => runWorld(scenario, point), { isSwept, extent, isWanted })
