import { fileURLToPath } from 'node:url'
import type { SiteId } from '../../core/ids.ts'
import { homeOf } from '../../core/site/location.ts'
import { deploymentSchema, isOpen, isOwnBlueprint } from '../../lambdas/deployments/deployment.ts'
import { keptSite, type OwnedSite } from '../support/faults/owned-site.ts'
import { snapshotsOf } from '../support/faults/played-software.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { readContent, writeContent } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { expectStatus, insist, signIn } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const ownedOf = new WeakMap<World, OwnedSite>()

const program = fileURLToPath(new URL('../support/faults/tiny-site.cjs', import.meta.url))

const file = {
  name: 'shop',
  title: 'Shop',
  access: 'public',
  containers: [{ name: 'web', process: { command: ['node', program] }, secrets: ['TINY_SECRET'] }],
  traffic: { container: 'web', startSeconds: 60 },
  data: { mode: 'exclusive' },
}

const snapshotOf = (number: number): string => String(number).repeat(32)

/** Asks as a command does: under one key however often it has to. */
const deploy = async (world: World, { id, token }: OwnedSite, number: number): Promise<void> => {
  snapshotsOf(world, id).add(snapshotOf(number))
  const answer = await insist(world, {
    method: 'POST',
    path: `/v1/sites/${id}/deployments`,
    body: { file, snapshot: snapshotOf(number), commit: `commit-${number}` },
    token,
    key: `deploy-${number}`,
  })
  expectStatus(answer, 202)
}

const settle = async (world: World): Promise<void> => {
  await world.quiet()
  await world.tick('advance-deployments')
  await world.quiet()
}

/** A site that runs the first version of its owner's software, and has data. */
const ownSoftware = async (world: World): Promise<OwnedSite> => {
  const email = 'ada@example.com'
  const { token, accountId } = await signIn(world, email)
  world.pool.target = 0
  const allowance = { plan: 'enterprise', sites: 1, reason: 'Contract 4711' }
  const path = `/v1/operator/accounts/${accountId}/allowance`
  expectStatus(await insist(world, { method: 'PUT', path, body: allowance, token: 'operator.ada.signed' }), 200)
  const body = { slug: 'shop', name: 'Shop', software: 'own' }
  const made = await insist(world, { method: 'POST', path: '/v1/sites', body, token, key: 'site-shop' })
  const owned = { id: String(expectStatus(made, 201, 202)['id']) as SiteId, token }
  world.accepted.set(owned.id, email)
  await world.quiet()
  const { storage } = await world.host()
  // The data of the vendor's software becomes a copy.
  world.released.set(owned.id, await readContent(storage.directoryOf(homeOf(await keptSite(world, owned.id)))))
  await deploy(world, owned, 1)
  await settle(world)
  world.kept.set(owned.id, await writeContent(storage.directoryOf(homeOf(await keptSite(world, owned.id)))))
  ownedOf.set(world, owned)
  return owned
}

const deploymentsIn = async (world: World) =>
  readStoredItems(world.tables)
    .ofKind('deployment')
    .map(({ content }) => deploymentSchema.parse(content))

/** One deployment for each key, all ended; the site has the last good version, and no software is left over. */
const ended =
  (...wanted: readonly string[]) =>
  async (world: World): Promise<readonly string[]> => {
    const owned = ownedOf.get(world)
    if (owned === undefined) return ['nobody owns a site']
    const { blueprint, operation } = await keptSite(world, owned.id)
    const found = (await deploymentsIn(world)).toSorted((one, other) => one.version - other.version)
    const said = found.map(({ version, status, commit }) => `${version} ${status} ${commit}`)
    const open = readStoredItems(world.tables).ofKind('deployment-open')
    const live = found.filter(({ status }) => status === 'live')
    const isRight = isOwnBlueprint(blueprint.name) && blueprint.version === live.at(-1)?.version
    const uncaused = found.filter((one) => !isOpen(one) && one.status !== 'live' && one.cause === undefined)
    const kept = [...snapshotsOf(world, owned.id)].toSorted().join()
    // What did not become live stays until the next version does.
    const maxKept = found
      .map(({ snapshot }) => snapshot)
      .toSorted()
      .join()
    const leastKept = live
      .map(({ snapshot }) => snapshot)
      .toSorted()
      .join()
    return [
      ...(said.join() === wanted.join() ? [] : [`the deployments are: ${said.join(', ')}`]),
      ...(open.length === 0 ? [] : [`${open.length} deployments are open`]),
      ...(isRight && operation === undefined ? [] : [`the site runs ${blueprint.name} ${blueprint.version}`]),
      ...uncaused.map(({ version }) => `nobody says why ${version} failed`),
      ...(kept === maxKept || kept === leastKept ? [] : [`of the snapshots, ${kept} is left`]),
    ]
  }

const scenario: Omit<Scenario, 'name' | 'prepare' | 'check'> = {
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls: /^(use-copy|complete-jobs)/,
  expected: { active: 1 },
}

const deploymentCalls = [
  'deployments.add',
  'deployments.change',
  'ownSoftware.pin',
  'blueprints.publish',
  'sites.commit',
]

const every = [
  ...deploymentCalls.map((call) => `deployment-api ${call}`),
  'run-site runtime.start',
  'run-site sites.commit',
]

sweepTest(
  {
    ...scenario,
    name: 'a deployment',
    prepare: async (world) => {
      const owned = await ownSoftware(world)
      return async () => {
        await deploy(world, owned, 2)
        await settle(world)
      }
    },
    check: ended('1 live commit-1', '2 live commit-2'),
  },
  [...every, 'advance-deployments deployments.change', 'advance-deployments ownSoftware.keepOnly'],
)

sweepTest(
  {
    ...scenario,
    name: 'two deployments at once, of which one waits',
    prepare: async (world) => {
      const owned = await ownSoftware(world)
      return async () => {
        await deploy(world, owned, 2)
        await deploy(world, owned, 3)
        await settle(world)
        await settle(world)
      }
    },
    check: ended('1 live commit-1', '2 live commit-2', '3 live commit-3'),
  },
  [
    ...every,
    'advance-deployments accounts.get',
    'advance-deployments blueprints.publish',
    'advance-deployments sites.commit',
  ],
)

sweepTest(
  {
    ...scenario,
    name: 'a deployment of a version that does not become healthy',
    ailing: ({ blueprint }) => isOwnBlueprint(blueprint.name) && blueprint.version === 2,
    prepare: async (world) => {
      const owned = await ownSoftware(world)
      return async () => {
        await deploy(world, owned, 2)
        await settle(world)
      }
    },
    check: ended('1 live commit-1', '2 went-back commit-2'),
  },
  [...every, 'advance-deployments evidence.list', 'advance-deployments deployments.change'],
)
