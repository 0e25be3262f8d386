import { demoSite } from '../api.ts'
import { awaitValue, check } from '../expectations.ts'
import type { Timeline } from '../timeline.ts'
import type { Walk } from '../walk.ts'
import { openSites } from './open-sites.ts'
import { operating } from './operating.ts'
import { tellSleepers } from './sleepers.ts'
import { checkWrites, type StorySite, underTraffic } from './traffic.ts'
import { type Kind, kinds } from './versions.ts'

/** Versions 3 and 4 make a mistake with an entry that is as long. */
const longEntry = 'An entry that is longer than forty characters'

interface Act {
  readonly version: number
  readonly label: string
  /** How each roll-out ends, and in which wave. */
  readonly state: string
  readonly wave: number
  /** The version of the first site of each roll-out afterwards, and of the others. */
  readonly first: number
  readonly others: number
  /** Which data is held for so long that visitors may see the page about it. */
  readonly longHeld: readonly Kind[]
}

const acts: readonly Act[] = [
  { version: 2, label: 'goes out in waves', state: 'finished', wave: 3, first: 2, others: 2, longHeld: ['exclusive'] },
  { version: 3, label: 'fails its checks', state: 'went-back', wave: 2, first: 2, others: 2, longHeld: ['exclusive'] },
  { version: 4, label: 'breaks data', state: 'halted', wave: 2, first: 4, others: 2, longHeld: kinds },
]

interface Release {
  /** The host's blueprint of this kind, at version 1. */
  readonly directory: string
  /** How many sites are under traffic. */
  readonly sites: number
}

/**
 * Gives versions to sites under traffic, and at the same time others to sites that sleep.
 * @throws {Error} at the first unexpected value.
 */
export const tellRelease = async (person: Walk, timeline: Timeline, release: Release): Promise<string> => {
  const said = await Promise.all([
    tellTraffic(person, release, timeline),
    tellSleepers(person, release.directory, timeline),
  ])
  return said.join('\n')
}

/**
 * Gives sites under traffic three versions, half of them with shared and half with exclusive data: one that is good, one that fails its
 * checks in the second wave, and one that breaks data in its migration there.
 * @throws {Error} at the first unexpected value.
 */
const tellTraffic = async (
  person: Walk,
  { directory, sites: count }: Release,
  { step, print }: Timeline,
): Promise<string> => {
  const operator = await operating(person.origin, kinds)
  const sites = await step(`${count} people sign up`, () => openSites(person, count, kinds))
  let firsts: readonly StorySite[] = []
  let requests = 0

  const tell = async ({ version, label, state, wave, first, others, longHeld }: Act): Promise<void> => {
    await step(`version ${version} is published`, () => operator.publish(directory, version))
    const trafficOf = await underTraffic(sites, async () => {
      await step(`version ${version} ${label}`, async () => {
        const rollouts = await operator.rollOut(version, (line) => print(`      ${line}`))
        const ends = rollouts.map((one) => [one.state, one.wave, one.failed.length > 0])
        check(
          'state, wave and failures of the roll-outs',
          ends,
          kinds.map(() => [state, wave, state !== 'finished']),
        )
      })
      const statuses = () => Promise.all(sites.map(({ id }) => operator.status(id)))
      const expected = sites.map((site) => [firsts.includes(site) ? first : others, null] as const)
      await step(
        'the versions that sites have',
        () => awaitValue('versions and operations', statuses, expected, 1000),
        () => (first === others ? `all ${others}` : `the first ones ${first}, the others ${others}`),
      )
    })
    await step(
      'the version that new sites get',
      () => operator.awaitCurrent(others),
      () => `${others}`,
    )
    for (const kind of kinds) {
      const { pages, failures, longest, ...counts } = trafficOf(kind)
      requests += counts.requests
      await step(
        `requests, ${kind} data`,
        async () => {
          check('failed requests', failures, [])
          if (!longHeld.includes(kind)) check('pages about an update', pages, 0)
        },
        () =>
          `${counts.requests}, 0 failed, ${pages} pages about an update, the longest took ${Math.round(longest)} ms`,
      )
    }
    await step(
      'writes',
      () => checkWrites(sites),
      (written) => `${written} acknowledged, 0 lost`,
    )
  }

  for (const act of acts) {
    await tell(act)
    if (act.version === 2) firsts = await markOthers(sites, operator.upgradedAt)
  }
  return `${requests} requests and three releases to ${count} sites: nothing was lost.`
}

/**
 * Writes a long entry to each site that is not the first one of its roll-out: the next ones have the same order.
 * @returns the first ones.
 */
const markOthers = async (sites: readonly StorySite[], upgradedAt: (siteId: string) => Promise<string>) => {
  const times = new Map(await Promise.all(sites.map(async ({ id }) => [id, await upgradedAt(id)] as const)))
  const timeOf = ({ id }: StorySite): string => times.get(id) ?? ''
  const firsts = kinds.flatMap((kind) => {
    const [first] = sites.filter((site) => site.kind === kind).toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1))
    return first ?? []
  })
  for (const site of sites) {
    if (firsts.includes(site)) continue
    await demoSite(site.url).write(longEntry)
    site.acknowledged.push(longEntry)
  }
  return firsts
}
