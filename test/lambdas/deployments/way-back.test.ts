import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Archive } from '../../../core/site/archive.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { type Deployment, ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { wayBack } from '../../../lambdas/deployments/roll-back.ts'
import { active } from '../../core/site/kept-sites.ts'
import { welcome } from '../../support/provisioning.ts'

/** What somebody remembers who sees only which software ran, in which form its data was, and which copies were made of it. */
interface Ran {
  readonly software: number
  readonly form: string
  readonly isChange: boolean
  copies: string[]
}

const reading = (all: readonly Deployment[]) => ({
  deployments: { read: async (_: unknown, version: number) => all.find((one) => one.version === version) },
  clocks: { domain: () => '2026-02-01T00:00:00.000Z' },
})

type Release = Deployment['blueprint']['release']
const common = { migrates: true, backwardCompatible: false, checks: [], bakeSeconds: 60 }
const releases: readonly Release[] = [
  undefined,
  common,
  { ...common, migrates: false, command: ['migrate'] },
  { ...common, backwardCompatible: true },
]

const changes = (release: Release): boolean => release !== undefined && !release.backwardCompatible

/**
 * A site of own software with its records, and beside them what somebody remembers.
 * @param isOlder whether the records are those of a release that did not say what a deployment replaced.
 * @param listed how many of its records are read at once.
 */
const openSite = (isOlder: boolean, listed: number) => {
  const given = active()
  const name = ownBlueprint(given.id)
  const forms = new Map<string, string>()
  const paths = new Map<string, readonly Ran[]>()
  let ran: Ran[] = []
  let form = ''
  let site: ActiveSite = { ...given, archives: [] }
  let known: readonly Deployment[] = []

  const copy = (): void => {
    const id = `arc_${String(forms.size).padStart(26, '0')}` as const
    forms.set(id, form)
    paths.set(id, [...ran])
    ran.at(-1)?.copies.push(id)
    const archive = { id, at: '2026-01-01T00:00:00.000Z', blueprint: site.blueprint } as Archive
    site = { ...site, archives: [archive, ...site.archives] }
  }
  const add = (status: 'live' | 'went-back', release: Release, back?: Deployment['back']): number => {
    const version = (known[0]?.version ?? 0) + 1
    const blueprint = { ...welcome(version), ...(release && { release }), name, version }
    const replaced = { version: site.blueprint.name === name ? site.blueprint.version : 0, configuration: 0 }
    const made = { version, status, blueprint, ...(!isOlder && { replaced }), ...(back && { back }) }
    known = [made as Deployment, ...known]
    if (status === 'live') site = { ...site, blueprint: { name, version } }
    return version
  }
  const check = (data: boolean) => wayBack(reading(known), site, isOlder ? known : known.slice(0, listed), data)
  const goBack = async (target: Ran, { isChange }: Ran, data: boolean): Promise<void> => {
    const found = await check(data)
    const archiveId = target.copies.at(-1)
    expect(found.back).toEqual({ to: target.software, ...(isChange && { archiveId }) })
    if (found.back.archiveId !== undefined) {
      copy()
      form = forms.get(found.back.archiveId) ?? ''
    }
    // The version can use the data that it finds.
    expect(form).toBe(target.form)
    add('live', found.target.blueprint.release, found.back)
    ran.pop()
  }
  return {
    copy,
    forget: () => {
      site = { ...site, archives: site.archives.slice(0, 1) }
      const left = new Set<string>(site.archives.map(({ id }) => id))
      for (const one of [...ran, ...[...paths.values()].flat()]) one.copies = one.copies.filter((id) => left.has(id))
    },
    /** Any of its copies, which brings the version back that wrote it. */
    restore: (place: number) => {
      const archive = site.archives[place % Math.max(site.archives.length, 1)]
      if (isOlder || archive?.blueprint.name !== name) return
      copy()
      form = forms.get(archive.id) ?? ''
      ran = [...(paths.get(archive.id) ?? [])]
      site = { ...site, blueprint: archive.blueprint }
    },
    deploy: (status: 'live' | 'went-back', release: Release) => {
      // The site copies its data before it is migrated.
      if (release?.migrates) copy()
      const software = add(status, release)
      if (status !== 'live') return
      if (changes(release)) form = `${form} ${software}`
      ran.push({ software, form, isChange: changes(release), copies: [] })
    },
    rollBack: async (data: boolean) => {
      const [target, present] = ran.slice(-2)
      const refused = (why: string) => expect(check(data)).rejects.toThrow(why)
      if (target === undefined || present === undefined) await refused('nothing to go back to')
      else if (present.isChange && target.copies.length === 0) await refused('no copy of the data')
      else if (present.isChange && !data) await refused('With --data')
      else await goBack(target, present, data)
    },
  }
}

type Act = (site: ReturnType<typeof openSite>) => unknown
const released = (status: 'live' | 'went-back') =>
  fc.constantFrom(...releases).map(
    (release): Act =>
      (site) =>
        site.deploy(status, release),
  )
const act = fc.oneof(
  { weight: 4, arbitrary: released('live') },
  { weight: 1, arbitrary: released('went-back') },
  {
    weight: 4,
    arbitrary: fc.boolean().map(
      (data): Act =>
        (site) =>
          site.rollBack(data),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>((site) => site.copy()) },
  {
    weight: 2,
    arbitrary: fc.nat(9).map(
      (place): Act =>
        (site) =>
          site.restore(place),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Act>((site) => site.forget()) },
)

it('leads to what ran before, and never to data that this cannot use', async () => {
  const acts = fc.array(act, { minLength: 4, maxLength: 14 })
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.integer({ min: 1, max: 14 }), acts, async (isOlder, listed, all) => {
      const site = openSite(isOlder, listed)
      for (const one of all) await one(site)
    }),
    { numRuns: 500 },
  )
})

it('brings no data back over which an older copy was restored', async () => {
  const given = active()
  const name = ownBlueprint(given.id)
  const live = (version: number, release?: Release) =>
    ({ status: 'live', version, blueprint: { ...welcome(version), ...(release && { release }), name } }) as Deployment
  const copyAt = (day: number): Archive => ({
    ...{ id: `arc_${String(day).padStart(26, '0')}`, at: `2026-01-0${day}T00:00:00.000Z`, kind: 'owner' },
    ...{ bytes: 1, files: 1, blueprint: { name, version: 1 } },
  })
  // Of the last, a clock was ahead.
  const archives = [
    { ...copyAt(3), at: '2036-01-01T00:00:00.000Z' },
    { ...copyAt(2), setAside: copyAt(2).at },
    copyAt(1),
  ]
  const site: ActiveSite = { ...given, blueprint: { name, version: 2 }, archives }
  const known = [live(2, releases[2]), live(1)]
  expect((await wayBack(reading(known), site, known, true)).back.archiveId).toBe(copyAt(1).id)
})
