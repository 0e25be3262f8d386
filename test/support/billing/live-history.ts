import { isErrorOfKind } from '../../../core/errors.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { reconcileBilling } from '../../../lambdas/billing/reconciliation/reconcile-billing.ts'
import { seededInteger } from '../simulation/seeded.ts'
import { ownersActs, passTime, prices } from './billing-life.ts'
import { type BillingScene, billingScene } from './billing-scene.ts'
import { leaveCell } from './cells.ts'
import { isRunning, neverSo, problemsOf, wronglyTaken } from './history-checks.ts'
import { relocate } from './relocations.ts'
import { actAtStripe, passTimeAtStripe } from './stripe-acts.ts'

/** A source whose deliveries fail periodically, and come again. */
const createPost = (scene: BillingScene, pick: (limit: number) => number) => {
  const queue: DomainEvent[] = []
  const deliver = async (): Promise<void> => {
    const [event] = queue.splice(pick(Math.max(1, queue.length)), 1)
    if (event === undefined) return
    try {
      await scene.hear(event)
      if (pick(100) < 15) queue.push(event)
    } catch (error) {
      if (!isErrorOfKind(error, 'Unavailable', 'VersionConflict')) throw error
      queue.push(event)
    }
  }
  return {
    deliver,
    take: () => queue.push(...scene.takeHeard()),
    /** Told once, twice, thrice, or not at all. */
    tell: (customerId: string): void => {
      if (pick(100) < 10) return
      for (let times = 0; times <= pick(3); times += 1) queue.push(scene.noticed({ customerId }))
    },
    empty: async (): Promise<void> => {
      for (let event = queue.pop(); event !== undefined; event = queue.pop()) await scene.hear(event)
    },
  }
}

const reconcile = async ({ ports }: BillingScene): Promise<readonly SiteId[]> => {
  try {
    return (await reconcileBilling(ports, 'daily')).repaired
  } catch (error) {
    if (!isErrorOfKind(error, 'Unavailable')) throw error
    return []
  }
}

/** How often something happened in histories, by name. */
export type Happened = Map<string, number>

const countIn =
  (happened: Happened) =>
  (what: string): void =>
    void happened.set(what, (happened.get(what) ?? 0) + 1)

const whatHappened = ({ type, data }: DomainEvent): readonly string[] => [
  ...('relocation' in data && data.relocation !== undefined ? [`a relocation ${data.relocation}`] : []),
  ...(type === 'RelocationConfirmed' ? ['a relocation confirmed'] : []),
]

/**
 * A random history of two sites, their payments and their owners, with events that are lost, late, duplicate and out of order,
 * and with calls of Stripe that fail before and after they have done their work. It ends with a quiet time.
 * @returns what is not as it should be.
 */
export const liveHistory = async (
  seed: number,
  happened: Happened = new Map(),
  steps = 60,
): Promise<readonly string[]> => {
  const pick = seededInteger(seed)
  const chance = (percent: number): boolean => pick(100) < percent
  let isQuiet = false
  const failure = () => (chance(50) ? 'before' : 'after')
  const scene = billingScene({ fault: () => (!isQuiet && chance(8) ? failure() : undefined), latency: () => pick(12) })
  const { model } = scene
  const owned = [scene.open(), scene.open()] as const
  const anyOwned = () => (chance(50) ? owned[0] : owned[1])
  const { deliver, take, tell, empty } = createPost(scene, pick)
  const lived = { scene, foreign: new Set<string>() }
  const atStripe = { ...lived, pick, chance, tell }
  const problems: string[] = []
  const count = countIn(happened)
  let isPaidMeanwhile = false

  const buy = async (): Promise<void> => {
    const { id, customerId } = anyOwned()
    const price = prices[pick(prices.length)]
    // Mostly who has none.
    const hasOne = model.ofSite(id).some(({ status }) => isRunning(status))
    if (price === undefined || (hasOne && chance(80))) return
    const subscription = model.create({ customerId, siteId: id, price })
    tell(customerId)
    if (chance(30)) await deliver()
    if (chance(85)) model.collect(subscription)
    isPaidMeanwhile = true
    tell(customerId)
  }
  const between = async (): Promise<void> => {
    if (isQuiet || !chance(15)) return
    await buy()
    if (chance(50)) await deliver()
  }
  const time = async (id: SiteId): Promise<void> => {
    isPaidMeanwhile = false
    const before = scene.changes.length
    await passTime({ scene, id, between })
    if (!isPaidMeanwhile) problems.push(...scene.changes.slice(before).flatMap((change) => wronglyTaken(scene, change)))
  }
  const days = async (): Promise<void> => {
    scene.pass(pick(9) + 1)
    passTimeAtStripe(atStripe)
    for (const site of owned) await time(site.id)
    if (chance(60)) await reconcile(scene)
  }
  const going = () => ({ scene, id: anyOwned().id, between })
  const acts: readonly (readonly [weight: number, act: () => unknown])[] = [
    [10, buy],
    [15, () => actAtStripe(atStripe, anyOwned())],
    [20, deliver],
    [10, () => Promise.all([deliver(), deliver()])],
    [20, days],
    [13, () => time(anyOwned().id)],
    [2, () => ownersActs.delete(going())],
    [5, () => ownersActs.revoke(going())],
    [3, () => ownersActs.resume(going())],
    [2, () => scene.meanwhile(buy)],
    [2, async () => ((await leaveCell({ ...going(), chance }, 'drain')) ? count('a drain') : undefined)],
    [2, async () => ((await leaveCell({ ...going(), chance }, 'loss')) ? count('a loss') : undefined)],
    [6, async () => problems.push(...(await relocate({ ...going(), chance })))],
  ]
  const bag = acts.flatMap(([weight, act]) => Array.from({ length: weight }, () => act))

  for (let step = 0; step < steps; step += 1) {
    await bag[pick(bag.length)]?.()
    take()
  }
  isQuiet = true
  for (let round = 0; round < 4; round += 1) {
    await empty()
    for (const { id } of owned) await time(id)
    await reconcile(scene)
    take()
  }
  for (const { event } of scene.changes) for (const what of whatHappened(event)) count(what)
  const again = (await reconcile(scene)).map((id) => `${id} was repaired once more, and nothing had happened`)
  return [...problems, ...again, ...neverSo(scene), ...owned.flatMap(({ id }) => problemsOf(lived, id))]
}
