import { expect, it } from 'vitest'
import type { Relocation } from '../../../core/site/relocation.ts'
import type { LiveSite } from '../../../core/site/site.ts'
import { keepUsedSoftware } from '../../../lambdas/deployments/advance-deployments.ts'
import type { Deployment, OwnSoftware } from '../../../lambdas/deployments/deployment.ts'
import { siteSamples } from '../../support/site-samples.ts'

const name = 'site-ours'
const versions = [9, 8, 7, 6, 5, 4, 3, 2, 1]
const deploymentOf = (version: number) =>
  ({ status: 'live', blueprint: { name, version }, images: { web: `sha256:${version}` } }) as unknown as Deployment

const keptOf = async (relocation?: object, live = versions): Promise<readonly (string | undefined)[]> => {
  const site = { ...siteSamples.active, ...(relocation && { relocation: relocation as Relocation }) } as LiveSite
  const kept: (string | undefined)[] = []
  const keepOnly: OwnSoftware['keepOnly'] = async (_, all) => {
    kept.push(...all.map(({ images }) => images?.['web']))
  }
  await keepUsedSoftware(
    {
      sites: { get: async () => site, listEnvironments: async function* () {} },
      deployments: { list: async () => live.map(deploymentOf) },
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
  expect(await keptOf({ target, state: 'accepted' })).toEqual(ofVersions(9, 8, 7, 6, 5, 2))
  expect(await keptOf({ target, switched: { back } })).toEqual(ofVersions(9, 8, 7, 6, 5, 2, 1))
})
