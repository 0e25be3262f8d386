import { httpCall } from '../../support/http-call.ts'
import { demoSite } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import type { Timeline } from '../timeline.ts'
import type { Walk } from '../walk.ts'
import { openSites } from './open-sites.ts'
import { operating } from './operating.ts'
import { openStrangers } from './strangers.ts'
import { checkWrites, type StorySite, underTraffic } from './traffic.ts'

/** Versions 3 and 4 make a mistake with it. */
const oldEntry = 'An old entry'

const [awakeCount, asleepCount] = [2, 6]

/** A site sleeps after a minute, its use is known after twenty seconds more, and the sweep runs every minute. */
const fallMilliseconds = 240_000

/** A request that wakes a site, repeated as a visitor's browser does until the site answers. */
const visit = async ({ url }: StorySite): Promise<void> => {
  const statusOf = async () => (await httpCall({ url: new URL('/api/entries', url).href })).status
  await awaitValue('status of a site that is visited', statusOf, 200, 500)
}

/**
 * Gives sites that sleep, and two that do not, three versions: one that is good, one that crashes on old data, and one that loses its
 * database there, so that the first visitor could become administrator.
 * @param directory of the host's blueprints, at version 1.
 * @throws {Error} at the first unexpected value.
 */
export const tellSleepers = async (person: Walk, directory: string, { step, print }: Timeline): Promise<string> => {
  const operator = await operating(person.origin, ['sleepers'])
  const sites = await step(`${awakeCount + asleepCount} people sign up, and ${asleepCount} leave`, async () => {
    const opened = await openSites(person, awakeCount + asleepCount, ['sleepers'])
    await Promise.all(opened.map(visit))
    return opened
  })
  const [awake, sleepers] = [sites.slice(0, awakeCount), sites.slice(awakeCount)]
  for (const site of sleepers) {
    await demoSite(site.url).write(oldEntry)
    site.acknowledged.push(oldEntry)
  }
  const strangers = openStrangers(sites)
  const statuses = () => Promise.all(sleepers.map(async ({ id }) => (await operator.readSite(id)).status))
  const stillAsleep = async () => {
    const all = await statuses()
    return sleepers.filter((_, index) => all[index] === 'asleep')
  }
  const states = () => Promise.all(sites.map(({ id }) => operator.status(id)))

  const rollOut = async (version: number, options: { waves: object[]; failureBudget?: number }) => {
    await step(`version ${version} of sleepers is published`, () => operator.publish(directory, version))
    const [rollout] = await operator.rollOut(version, (line) => print(`      ${line}`), options)
    if (rollout === undefined) throw new Error('there is no roll-out')
    const { state, failed } = rollout
    return { state, causes: [...new Set(failed.map(({ cause }) => cause))] }
  }
  const backAt = async (before: unknown): Promise<void> => {
    const state = async () => (await operator.read()).map((one) => one.state)
    await awaitValue('state of the roll-out', state, ['went-back'], 500)
    await awaitValue('versions and operations', states, before, 500)
  }

  const trafficOf = await underTraffic(awake, async () => {
    await step(`${asleepCount} sites fall asleep`, () =>
      awaitValue(
        'statuses',
        statuses,
        sleepers.map(() => 'asleep'),
        1000,
        fallMilliseconds,
      ),
    )
    await step('version 2 reaches sites that sleep', async () => {
      check('end of the roll-out', await rollOut(2, { waves: [{ sites: 1 }] }), { state: 'finished', causes: [] })
    })
    const [visited, ...others] = await stillAsleep()
    if (visited === undefined) throw new Error('no site sleeps after a roll-out')
    await step('a visitor wakes one with version 2', async () => {
      await visit(visited)
      await awaitValue('its version', () => operator.status(visited.id), [2, null], 200)
    })
    const before = await states()
    check('versions', before.filter(([version]) => version === 1).length, others.length)

    await step('version 3 crashes on old data', async () => {
      const end = await rollOut(3, { waves: [{ sites: 1 }] })
      check('end of the roll-out', end, { state: 'went-back', causes: ['crash'] })
    })
    await step('every site is back', () => backAt(before))

    await step('version 4 loses its database', async () => {
      const budget = { waves: [{ percent: 100 }], failureBudget: asleepCount - 1 }
      check('end of the roll-out', await rollOut(4, budget), { state: 'finished', causes: ['open'] })
    })
    await step('visitors wake the others', async () => {
      await Promise.all((await stillAsleep()).map(visit))
    })
    await step('every site is back', () => backAt(before))
  })

  const { requests, failures } = trafficOf('sleepers')
  check('failed requests', failures, [])
  await step('strangers', async () => check('strangers who entered', await strangers.end(), []))
  await step(
    'writes',
    () => checkWrites(sites),
    (written) => `${written} acknowledged, 0 lost`,
  )
  return `${requests} requests and three releases to ${sites.length} sites, most of them asleep: all are back, and no stranger entered.`
}
