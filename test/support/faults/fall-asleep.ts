import type { Workflows } from '../../../core/ports/workflows.ts'
import { requestSleep } from '../../../lambdas/sleep/sleep-site.ts'
import { requestWake } from '../../../lambdas/sleep/wake-site.ts'
import { fixedContext } from '../fixed-ports.ts'
import { keptSite, type OwnedSite } from './owned-site.ts'
import type { World } from './world.ts'

/** Nobody starts what was committed, so that a sweep has to. */
const workflows: Workflows = {
  start: async () => {
    throw new Error('away')
  },
  status: async () => 'unknown',
}

const portsOf = async (world: World) => ({
  sites: (await world.host()).store.sites,
  workflows,
  clocks: { domain: world.clock.domain, wall: world.clock.now },
  randomness: fixedContext().randomness,
  log: world.log,
})

const isAsleep = async (world: World, { id }: OwnedSite): Promise<boolean> =>
  (await keptSite(world, id)).status === 'asleep'

/** Begins to put a site to sleep that nobody uses. */
const beginSleep = async (world: World, { id }: OwnedSite): Promise<void> => {
  await requestSleep(await portsOf(world), id, { causationId: 'nobody-uses-it' })
}

/** Puts a site to sleep. */
export const putToSleep = async (world: World, owned: OwnedSite): Promise<void> => {
  await beginSleep(world, owned)
  await world.tick('heal-work')
  await world.quiet()
}

/** Asks for a site as a router does for its visitors, who come at the same moment. */
export const visit = async (world: World, { id }: OwnedSite): Promise<void> => {
  const ports = await portsOf(world)
  await Promise.all([1, 2, 3].map((visitor) => requestWake(ports, id, `visitor-${visitor}`)))
  await world.tick('heal-work')
  await world.quiet()
}

const maxChecks = 400

/** Longer than the first pause after an attempt without an outcome. */
const betweenSweepsMilliseconds = 15_000

/** Comes as soon as the record says that the site sleeps, while it is still being stopped. */
export const visitAtOnce = async (world: World, owned: OwnedSite): Promise<void> => {
  await beginSleep(world, owned)
  const ticked = world.tick('heal-work')
  for (let check = 1; !(await isAsleep(world, owned)); check += 1) {
    if (check === maxChecks) throw new Error(`${owned.id} does not fall asleep`)
    await new Promise((resolve) => setTimeout(resolve, 5))
    if (check % 50 > 0) continue
    world.clock.advance(betweenSweepsMilliseconds)
    await world.tick('heal-work')
  }
  await visit(world, owned)
  await ticked
}
