import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SiteId } from '../../../core/ids.ts'
import type { EnvironmentOf } from '../../../core/site/environment.ts'
import { homeOf } from '../../../core/site/location.ts'
import type { Site } from '../../../core/site/site.ts'
import { snapshotsOf } from './played-software.ts'
import { tinyBlueprint } from './tiny-blueprint.ts'
import { expectStatus, insist, signIn } from './visitor.ts'
import type { World } from './world.ts'

const email = 'ada@example.com'

/** Says how often it ran. */
const seeds = ['node', '-e', "fs.appendFileSync(process.env.DATA_DIRECTORY + '/seeded', 'x')"]

/** The tiny site as software of an account. */
const file = (more: object) => {
  const { containers, traffic } = tinyBlueprint('well')
  const [{ process } = {}] = containers
  return {
    ...{ name: 'shop', title: 'Shop', access: 'public', data: { mode: 'exclusive' } },
    containers: [{ name: 'web', process, secrets: ['TINY_SECRET'] }],
    traffic: { ...traffic },
    seed: { command: seeds },
    environments: { qa: { expires: '2d', data: 'seed' } },
    ...more,
  }
}

export interface OwnSoftware {
  readonly id: SiteId
  readonly token: string
}

/** A site for software of its account, which runs a version of it. */
export const deployedSite = async (world: World, more: object = {}): Promise<OwnSoftware> => {
  const { token, accountId } = await signIn(world, email)
  world.pool.target = 0
  const allowed = { plan: 'enterprise', sites: 1, reason: 'Contract 4711' }
  const path = `/v1/operator/accounts/${accountId}/allowance`
  expectStatus(await insist(world, { method: 'PUT', path, token: 'operator.ada.signed', body: allowed }), 200)
  const body = { slug: 'shop', software: 'own' }
  const made = await insist(world, { method: 'POST', path: '/v1/sites', body, token, key: 'site-shop' })
  const id = String(expectStatus(made, 201, 202)['id']) as SiteId
  world.accepted.set(id, email)
  await world.quiet()
  const snapshot = '0'.repeat(32)
  snapshotsOf(world, id).add(snapshot)
  const deployment = { file: file(more), snapshot }
  const deployments = `/v1/sites/${id}/deployments`
  expectStatus(
    await insist(world, { method: 'POST', path: deployments, body: deployment, token, key: 'deployment' }),
    202,
  )
  await world.quiet()
  await world.tick('advance-deployments')
  await world.quiet()
  return { id, token }
}

/** Creates the environment `qa`; asked once more, it is there already. */
export const createEnvironment = async (world: World, { id, token }: OwnSoftware, more: object = {}): Promise<void> => {
  const path = `/v1/sites/${id}/environments`
  expectStatus(await insist(world, { method: 'POST', path, body: { name: 'qa', ...more }, token }), 200, 202)
  await world.quiet()
}

/** The present or last environment of a name. */
export const environmentIn = async (
  world: World,
): Promise<(Site & { readonly environmentOf: EnvironmentOf }) | undefined> => {
  const found = await (await world.host()).store.sites.findByHostname('shop--qa.localhost')
  return found?.environmentOf === undefined ? undefined : { ...found, environmentOf: found.environmentOf }
}

/**
 * Whether the seed ran once on the data that the environment has. A host that starts again runs it once more, because nothing says how a
 * plain process ended.
 */
export const isSeeded = async (world: World, site: Site): Promise<boolean> => {
  const { storage } = await world.host()
  const runs = await readFile(join(storage.directoryOf(homeOf(site)), 'seeded'), 'utf8').catch(() => '')
  return runs === 'x' || (world.plan.endedHost() && runs === 'xx')
}
