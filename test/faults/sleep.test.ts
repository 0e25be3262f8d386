import { putToSleep, visit, visitAtOnce } from '../support/faults/fall-asleep.ts'
import { keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import type { World } from '../support/faults/world.ts'

const every = {
  health: 'well',
  poolTarget: 1,
  // Routers are given time to forget the address, and nobody is here.
  haste: 10,
  // A wake asks again and again whether the site answers.
  polls: /^run-site (sites\.get|blueprints\.get|secrets\.valueOf|runtime\.locate|probe\.isHealthy)/,
} as const

const scenario = (
  name: string,
  expected: Scenario['expected'],
  act: (world: World, owned: OwnedSite) => Promise<unknown>,
  before: (world: World, owned: OwnedSite) => Promise<unknown> = async () => undefined,
): Scenario => ({
  ...every,
  name,
  expected,
  prepare: async (world) => {
    const owned = await ownSite(world)
    await before(world, owned)
    return () => act(world, owned)
  },
  check: async (world) => {
    const problems: string[] = []
    for (const id of world.accepted.keys()) {
      const site = await keptSite(world, id)
      if (site.status === 'asleep' && 'endpoint' in site) problems.push(`${id} sleeps and has an address`)
      if (site.status === 'active' && site.endpoint === undefined) problems.push(`${id} was woken and answers nowhere`)
    }
    return problems
  },
})

const falling = [
  'heal-work sites.get',
  'heal-work workflows.start',
  'fall-asleep sites.get',
  'fall-asleep usage.lastUse',
  'fall-asleep openRequests.at',
  'fall-asleep sites.commit',
  'stop-site sites.get',
  'stop-site runtime.remove',
]

const waking = [
  'heal-work workflows.start',
  'run-site sites.get',
  'run-site runtime.locate',
  'run-site runtime.start',
  'run-site probe.isHealthy',
  'run-site sites.commit',
]

sweepTest(scenario('a site that falls asleep', { asleep: 1 }, putToSleep), [
  ...falling,
  'record-step sites.get',
  'record-step sites.commit',
])

sweepTest(scenario('a site that wakes', { active: 1 }, visit, putToSleep), waking)

sweepTest({ ...scenario('a site that is used while it falls asleep', { active: 1 }, putToSleep), isUsedAsleep: true }, [
  ...falling.slice(0, 6),
  'fall-asleep workflows.start',
  ...waking.filter((call) => call !== 'heal-work workflows.start' && call !== 'run-site runtime.start'),
])

sweepTest(scenario('a visitor who comes while a site falls asleep', { active: 1 }, visitAtOnce), [
  ...falling.slice(0, 6),
  ...waking.filter((call) => call !== 'run-site runtime.start'),
])
