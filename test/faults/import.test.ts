import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { createManifestTally } from '../../adapters/archiver/manifest.ts'
import { entryLine } from '../../adapters/archiver/manifest-entry.ts'
import { readManifest } from '../../adapters/archiver/read-archive.ts'
import { idSchema, type SiteId } from '../../core/ids.ts'
import { type ArchivePart, archiveKeys } from '../../core/ports/archives.ts'
import { homeOf } from '../../core/site/location.ts'
import { deploymentSchema, ownBlueprint } from '../../lambdas/deployments/deployment.ts'
import { collect } from '../adapters/archives/contract.ts'
import { keptSite, type OwnedSite, ownSite } from '../support/faults/owned-site.ts'
import { snapshotsOf } from '../support/faults/played-software.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { readContent } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { copySite, expectStatus, insist } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'
import { readStoredItems } from '../support/simulation/stored-items.ts'

const program = fileURLToPath(new URL('../support/faults/tiny-site.cjs', import.meta.url))
const file = {
  name: 'shop',
  title: 'Shop',
  access: 'public',
  containers: [{ name: 'web', process: { command: ['node', program] }, secrets: ['TINY_SECRET'] }],
  traffic: { container: 'web', startSeconds: 60 },
  data: { mode: 'exclusive' },
  dataSecrets: ['TINY_SECRET'],
}
const snapshot = '1'.repeat(32)
const values = { variables: { GREETING: 'hello' }, secrets: { TINY_SECRET: 'the secret of the data' } }
const importedOf = new WeakMap<World, SiteId>()

interface Exported {
  readonly parts: (names: { site: SiteId; archiveId: `arc_${string}` }) => Promise<Record<ArchivePart, Buffer>>
  readonly bytes: Record<ArchivePart, number>
}

/** The data of a site, as an import sends it. */
const exportOf = async (world: World, owned: OwnedSite): Promise<Exported> => {
  await copySite(world, owned)
  await world.quiet()
  const [archive] = (await keptSite(world, owned.id)).archives
  if (archive === undefined) throw new Error('there is no copy')
  const { archives } = await world.host()
  const keys = archiveKeys(owned.id, archive.id)
  const read = async (key: string) => {
    const stored = await archives.open(key)
    return stored === undefined ? Buffer.alloc(0) : Buffer.concat(await collect(stored))
  }
  const [content, manifest] = [await read(keys.content), await read(keys.manifest)]
  const { storedBytes, contentSha256 } = JSON.parse(manifest.toString().trimEnd().split('\n').at(-1) ?? '')
  const from = { open: async (key: string) => Readable.from([key === keys.content ? content : manifest]) }
  const parts: Exported['parts'] = async (names) => {
    const tally = createManifestTally()
    const head = JSON.stringify({ ...JSON.parse(manifest.toString().split('\n', 1)[0] ?? ''), ...names })
    tally.addLine(head)
    const lines = [head]
    const { entries } = await readManifest({ archives: from, siteId: owned.id, archiveId: archive.id })
    for await (const { entry } of entries) {
      tally.addLine(entryLine(entry), entry)
      lines.push(entryLine(entry))
    }
    const all = [...lines, JSON.stringify(tally.end({ storedBytes, contentSha256 }))]
    return { content, manifest: Buffer.from(all.map((line) => `${line}\n`).join('')) }
  }
  return { parts, bytes: { content: content.length, manifest: manifest.length } }
}

/** Imports as the command does: what is uploaded is put by the client itself, and the deployment has one key. */
const importSite = async (world: World, { id, token }: OwnedSite, exported: Exported, isWhole: boolean) => {
  const opening = { method: 'POST', path: `/v1/sites/${id}/import`, body: exported.bytes, token }
  const opened = expectStatus(await insist(world, opening), 200)
  const archiveId = idSchema('arc').parse(opened['archiveId'])
  const { content, manifest } = await exported.parts({ site: id, archiveId })
  const { archives } = await world.host()
  const keys = archiveKeys(id, archiveId)
  const sent = isWhole ? content : content.subarray(0, -5)
  for (const [key, part] of [
    [keys.manifest, manifest],
    [keys.content, sent],
  ] as const) {
    await archives.put(key, Readable.from([part]))
  }
  const body = { file, snapshot, import: { archiveId, digest: '0'.repeat(64), ...values } }
  const path = `/v1/sites/${id}/deployments`
  expectStatus(await insist(world, { method: 'POST', path, body, token, key: 'import' }), 202)
  await world.quiet()
  await world.tick('advance-deployments')
  await world.quiet()
}

/** An owner whose site has a copy, and a new site for software of their own. */
const prepared = async (world: World) => {
  const owned = await ownSite(world)
  const exported = await exportOf(world, owned)
  const { id, token } = owned
  const account = (await (await world.host()).store.sites.get(id)) as { ownership: { accountId: string } }
  const path = `/v1/operator/accounts/${account.ownership.accountId}/allowance`
  const allowance = { plan: 'enterprise', sites: 1, reason: 'Contract 4711' }
  expectStatus(await insist(world, { method: 'PUT', path, body: allowance, token: 'operator.ada.signed' }), 200)
  const body = { slug: 'imported', software: 'own' }
  const made = await insist(world, { method: 'POST', path: '/v1/sites', body, token, key: 'site-imported' })
  const site = { id: String(expectStatus(made, 201, 202)['id']) as SiteId, token }
  world.accepted.set(site.id, 'ada@example.com')
  importedOf.set(world, site.id)
  snapshotsOf(world, site.id).add(snapshot)
  await world.quiet()
  const { storage } = await world.host()
  // The data of the vendor's software becomes a copy.
  world.released.set(site.id, await readContent(storage.directoryOf(homeOf(await keptSite(world, site.id)))))
  return { site, owned, exported }
}

/** What is wrong with an import that is live. */
const whatIsLost = async (world: World, id: SiteId): Promise<readonly string[]> => {
  const { blueprint, operation, configuration = 0 } = await keptSite(world, id)
  const set = await (await world.host()).store.configurations.read(id, configuration)
  return [
    ...(blueprint.name === ownBlueprint(id) && operation === undefined ? [] : [`the site runs ${blueprint.name}`]),
    ...(set?.variables['GREETING'] === 'hello' ? [] : ['the variables are lost']),
    ...(set?.secrets['TINY_SECRET'] === undefined ? ['the secret of the data is lost'] : []),
  ]
}

/** What is wrong with a site whose import went back. */
const whatStays = async (world: World, id: SiteId): Promise<readonly string[]> => {
  const { blueprint, operation } = await keptSite(world, id)
  return blueprint.name === ownBlueprint(id) || operation !== undefined ? [`the site runs ${blueprint.name}`] : []
}

/** One deployment, which has ended so. It says why, if it did not work. */
const ended = (status: 'live' | 'went-back') => async (world: World) => {
  const id = importedOf.get(world)
  if (id === undefined) return ['nobody imports a site']
  const stored = readStoredItems(world.tables)
  const found = stored.ofKind('deployment').map(({ content }) => deploymentSchema.parse(content))
  const isOne = found.length === 1 && found[0]?.version === 1 && found[0].status === status
  const saysWhy = status === 'live' || found[0]?.cause !== undefined
  return [
    ...(isOne && saysWhy ? [] : [`the deployments are ${JSON.stringify(found)}`]),
    ...(stored.ofKind('deployment-open').length === 0 ? [] : ['a deployment is open']),
    ...(await (status === 'live' ? whatIsLost : whatStays)(world, id)),
  ]
}

const scenario: Omit<Scenario, 'name' | 'prepare' | 'check'> = {
  health: 'well',
  poolTarget: 1,
  haste: 10,
  polls: /^(use-copy|complete-jobs)/,
  expected: { active: 2 },
}

const every = [
  'deployment-api archiveUploads.uploadTo',
  'deployment-api configurations.add',
  'deployment-api deployments.add',
  'deployment-api sites.commit',
  'use-copy archiver.run',
]

sweepTest(
  {
    ...scenario,
    name: 'the import of a site',
    prepare: async (world) => {
      const { site, owned, exported } = await prepared(world)
      return async () => {
        world.kept.set(site.id, world.kept.get(owned.id) ?? [])
        await importSite(world, site, exported, true)
      }
    },
    check: ended('live'),
  },
  [...every, 'run-site runtime.start', 'run-site sites.commit'],
)

sweepTest(
  {
    ...scenario,
    name: 'an import whose data is cut off',
    prepare: async (world) => {
      const { site, exported } = await prepared(world)
      return () => importSite(world, site, exported, false)
    },
    check: ended('went-back'),
  },
  every,
)
