import { expect, it } from 'vitest'
import type { LiveSite } from '../../../core/site/site.ts'
import { keepUsedSoftware } from '../../../lambdas/deployments/advance-deployments.ts'
import { type Deployment, type OwnSoftware, ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { siteSamples } from '../../support/site-samples.ts'

const name = ownBlueprint(siteSamples.active.id)
const versions = [9, 8, 7, 6, 5, 4, 3, 2, 1]
const deploymentOf = (version: number) =>
  ({
    status: 'live',
    version,
    blueprint: { name, version },
    images: { web: `sha256:${version}` },
  }) as unknown as Deployment

const keptOf = async (
  more: object = {},
  live = versions,
  replaced: Readonly<Record<number, number>> = {},
): Promise<readonly (string | undefined)[]> => {
  const site = { ...siteSamples.active, blueprint: { name, version: live[0] }, archives: [], ...more } as LiveSite
  const all = live.map((version) => ({
    ...deploymentOf(version),
    ...(replaced[version] && { replaced: { version: replaced[version], configuration: 0 } }),
  }))
  const kept: (string | undefined)[] = []
  const keepOnly: OwnSoftware['keepOnly'] = async (_, all) => {
    kept.push(...all.map(({ images }) => images?.['web']))
  }
  await keepUsedSoftware(
    {
      sites: { get: async () => site, listEnvironments: async function* () {} },
      deployments: {
        list: async (_: unknown, limit: number) => all.slice(0, limit),
        read: async (_: unknown, version: number) => all.find((one) => one.version === version),
      },
      ownSoftware: { keepOnly },
    } as unknown as Parameters<typeof keepUsedSoftware>[0],
    site,
  )
  return [...new Set(kept)].toSorted()
}
const ofVersions = (...wanted: readonly number[]) => wanted.map((version) => `sha256:${version}`).toSorted()

it('keeps the software of the last five live versions', async () => {
  expect(await keptOf()).toEqual(ofVersions(9, 8, 7, 6, 5))
})

it('counts software once that a rollback brought back', async () => {
  expect(await keptOf(undefined, [9, 8, 9, 8, 9, 8, 7, 6, 5, 4])).toEqual(ofVersions(9, 8, 7, 6, 5))
})

it('keeps that of both sides of a relocation too, so that the site can go back', async () => {
  const target = { blueprint: { name, version: 2 } }
  const back = { blueprint: { name, version: 1 }, cell: 'local' }
  expect(await keptOf({ relocation: { target, state: 'accepted' } })).toEqual(ofVersions(9, 8, 7, 6, 5, 2))
  expect(await keptOf({ relocation: { target, switched: { back } } })).toEqual(ofVersions(9, 8, 7, 6, 5, 2, 1))
})

it('keeps that of the version that runs, however many are newer', async () => {
  const many = Array.from({ length: 120 }, (_, index) => 120 - index)
  expect(await keptOf({ blueprint: { name, version: 1 } }, many)).toEqual(ofVersions(120, 119, 118, 117, 116, 1))
})

it('keeps that of the version before the one that runs, also if a copy of an old one was restored', async () => {
  expect(await keptOf(undefined, versions, { 9: 2, 8: 3 })).toEqual(ofVersions(9, 8, 7, 6, 5, 2))
})

it('keeps that of every version that wrote a copy, however old', async () => {
  const archives = [4, 9, 2].map((version) => ({ blueprint: { name, version } }))
  const others = [{ blueprint: { name: 'welcome', version: 1 } }]
  expect(await keptOf({ archives: [...archives, ...others] })).toEqual(ofVersions(9, 8, 7, 6, 5, 4, 2))
  const many = Array.from({ length: 120 }, (_, index) => 120 - index)
  expect(await keptOf({ archives }, many)).toEqual(ofVersions(120, 119, 118, 117, 116, 9, 4, 2))
})
