import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attemptJob } from '../../adapters/archiver/do-archive-job.ts'
import type { ArchiveJob } from '../../core/ports/archives.ts'
import { keptSite, ownSite } from '../support/faults/owned-site.ts'
import type { Scenario } from '../support/faults/scenario.ts'
import { writeContent } from '../support/faults/site-content.ts'
import { sweepTest } from '../support/faults/sweep-test.ts'
import { tinyBlueprint } from '../support/faults/tiny-blueprint.ts'
import { importSite, leaveSite } from '../support/faults/visitor.ts'
import type { World } from '../support/faults/world.ts'

const siteId = 'site_01jq3v5k8m00000000000000zz' as const
const archiveId = 'arc_01jq3v5k8m00000000000000zz' as const
const email = 'ada@example.com'
const blueprint = { name: 'tiny', version: 1 }

/** Stores the archive of a site that was in another installation. */
const storeArchive = async (world: World) => {
  const { archives } = await world.host()
  const root = await mkdtemp(join(tmpdir(), 'sitewright-bundled-'))
  const [directory, scratch] = [join(root, 'data'), join(root, 'scratch')]
  try {
    for (const path of [directory, scratch]) await mkdir(path)
    const content = await writeContent(directory)
    const home = { siteId, cell: 'local', generation: 1 } as const
    const at = world.clock.domain()
    const job: ArchiveJob = { kind: 'copy', id: 'elsewhere', siteId, home, archiveId, blueprint, at }
    const outcome = await attemptJob(job, { archives, directory, scratch })
    if (outcome.state === 'failed') throw new Error(outcome.message)
    return {
      content,
      archive: { id: archiveId, at, kind: 'reclaim', bytes: outcome.bytes, files: outcome.files, blueprint },
    }
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

const bundled = (world: World) => ({
  siteId,
  ...{ slug: 'shop', hostname: 'shop.example.org', name: 'shop', owner: { email }, plan: 'trial' },
  ...{ blueprint: tinyBlueprint('well'), variables: {}, domains: [] },
  trialEndsAt: new Date(Date.parse(world.clock.domain()) + 14 * 86_400_000).toISOString(),
})

const scenario = (
  name: string,
  other: Omit<Scenario, 'name' | 'health' | 'poolTarget' | 'haste' | 'polls'>,
): Scenario => ({
  ...{ name, health: 'well', poolTarget: 1, haste: 10, polls: /^(use-copy|complete-jobs|run-site) / },
  ...other,
})

sweepTest(
  scenario('the import of a site', {
    expected: { active: 1 },
    prepare: async (world) => {
      await world.quiet()
      const { content, archive } = await storeArchive(world)
      const site = { ...bundled(world), archive }
      world.imported.add(siteId)
      world.accepted.set(siteId, email)
      world.kept.set(siteId, content)
      return async () => {
        await importSite(world, site)
        await world.quiet()
      }
    },
    check: async (world) => {
      const { archives, trialEndsAt } = await keptSite(world, siteId)
      const isIt = archives.map(({ id }) => id).join() === archiveId && trialEndsAt > world.clock.domain()
      return isIt ? [] : [`the imported site has ${JSON.stringify({ archives, trialEndsAt })}`]
    },
  }),
  [
    'bundle-api accountOpenings.open',
    'bundle-api configurations.keepGenerated',
    'bundle-api sites.commit',
    'bundle-api workflows.start',
    'prepare-storage storage.prepare',
    'use-copy archiver.run',
    'run-site configurations.readGenerated',
    'run-site runtime.start',
    'record-step sites.commit',
  ],
)

sweepTest(
  scenario('a site that leaves', {
    expected: { archived: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      return async () => {
        await leaveSite(world, owned)
        await world.quiet()
        await world.tick('act-on-deadlines')
        await world.quiet()
      }
    },
    check: async (world) => {
      const [site] = await Promise.all([...world.accepted.keys()].map((id) => keptSite(world, id)))
      const isIt =
        site?.status === 'archived' && site.movedTo === 'https://shop.example.org' && site.archives.length === 1
      return isIt ? [] : [`the site is ${JSON.stringify(site)}`]
    },
  }),
  ['bundle-api sites.commit', 'bundle-api workflows.start', 'use-copy archiver.run', 'archive-due-site sites.commit'],
)

sweepTest(
  scenario('a site that comes home', {
    expected: { active: 1 },
    prepare: async (world) => {
      const owned = await ownSite(world)
      await leaveSite(world, owned)
      await world.quiet()
      await world.tick('act-on-deadlines')
      await world.quiet()
      const { id, archives, ownership } = await keptSite(world, owned.id)
      const { slug, hostname, name } = ownership
      const site = { ...bundled(world), siteId: id, slug, hostname, name, archive: archives[0] }
      return async () => {
        await importSite(world, site)
        await world.quiet()
      }
    },
    check: async (world) => {
      const [site] = await Promise.all([...world.accepted.keys()].map((id) => keptSite(world, id)))
      return site !== undefined && !('movedTo' in site) ? [] : [`the site is ${JSON.stringify(site)}`]
    },
  }),
  ['bundle-api sites.commit', 'bundle-api workflows.start', 'use-copy archiver.run', 'await-site sites.commit'],
)
