import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { createArchiveBucket } from '../../../adapters/s3/archive-store.ts'
import { openSites, openTables } from '../../../cloud/parts/tables.ts'
import { toInstant } from '../../../core/instant.ts'
import { archiveKeys } from '../../../core/ports/archiver.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { homeOf } from '../../../core/site/data-home.ts'
import type { Site, SiteIn, SiteStatus } from '../../../core/site/site.ts'
import { suspendSite } from '../../../core/site/suspend-site.ts'
import { trialPolicies } from '../../../core/site/trial-policies.ts'
import config from '../../../sitewright.config.ts'
import { call } from '../../e2e/call.ts'
import { clientSettings } from '../client-settings.ts'
import { archiverProcess } from '../support/archiver-process.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import { probeProcesses, startAws } from '../support/start-aws.ts'
import type { Installation, Owner } from './installation.ts'
import { openInstallation, siteIdOf } from './installation.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

const client = new S3Client({ ...clientSettings(), forcePathStyle: true })
let installation: Installation
let sites: SiteStore

beforeAll(async () => {
  const blueprint = probeBlueprint({ name: 'welcome', health: 'well', mode: 'shared' })
  const aws = await startAws({
    run: (containers, place) =>
      containers[0]?.name === 'archiver' ? archiverProcess(containers, place) : probeProcesses(containers, place),
  })
  installation = await openInstallation({ blueprint, engine: undefined, aws })
  const { environment } = installation.world
  await client.send(
    new CreateBucketCommand({
      Bucket: environment['ARCHIVE_BUCKET']!,
      CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
    }),
  )
  sites = openSites(openTables({ TABLES: environment['TABLES']! }), trialPolicies(config.trialPolicies))
})
afterAll(async () => {
  await installation?.close()
  client.destroy()
})

const siteOf = async <Status extends SiteStatus>(id: string, status: Status): Promise<SiteIn<Status>> => {
  const site: Site | undefined = await sites.get(siteIdOf({ id }))
  if (site?.status !== status) throw new Error(`the site is ${site?.status}, not ${status}`)
  return site as SiteIn<Status>
}

/** The site as it would be had its trial ended, and its grace begun, so many days ago. */
const suspendLongAgo = async (id: string, days: number): Promise<void> => {
  const { clocks, ...context } = installation.world.context()
  const ago = (): string => toInstant(new Date(Date.now() - days * 86_400_000))
  const change = suspendSite(
    await siteOf(id, 'active'),
    { because: 'trial-ended' },
    { ...context, clocks: { ...clocks, domain: ago } },
  )
  const after = { ...change.after, trialEndsAt: ago() }
  expect(await sites.commit({ ...change, after })).toEqual({ done: true })
}

/** What the clock wakes, and what follows from it. */
const sweep = async (name: 'heal-operations' | 'act-on-deadlines'): Promise<void> => {
  await installation.world.invoke(name, { id: 'tick' })
  await installation.world.settled()
}

const ask = (owner: Owner, method: string, path: string, body?: object) =>
  call(installation.edge.distribution, { method, path, headers: owner.bearer, ...(body === undefined ? {} : { body }) })

it('a trial that ends is archived, its disk given back, and is taken up again with what it had', async () => {
  const { world } = installation
  const owner = await installation.signIn('ada@lovelace.example')
  const { json } = await installation.createSite(owner, 'lovelace')
  await world.settled()
  const before = await siteOf(json.id, 'active')
  const { directoryOf } = world.aws.fargate
  await writeFile(join(directoryOf(homeOf(before)), 'notes'), 'what Ada wrote')

  await suspendLongAgo(json.id, 30)
  // Committed, and never started: the healing path stops what runs.
  await sweep('heal-operations')
  expect(await siteOf(json.id, 'suspended')).not.toHaveProperty('operation')
  expect(world.aws.fargate.tasksOf(before.id).every(({ lastStatus }) => lastStatus === 'STOPPED')).toBe(true)
  await sweep('act-on-deadlines')
  const archived = await siteOf(json.id, 'archived')
  expect(archived.archives).toHaveLength(1)
  expect(archived).not.toHaveProperty('operation')
  const archives = createArchiveBucket({ client, bucket: world.environment['ARCHIVE_BUCKET']! })
  expect(await archives.open(archiveKeys(archived.id, archived.archives[0]!.id).content)).toBeDefined()

  expect(await ask(owner, 'POST', `/v1/sites/${json.id}/resume`)).toMatchObject({ status: 202 })
  await world.settled()
  const restored = await siteOf(json.id, 'active')
  expect(restored.generation).toBe(before.generation + 1)
  expect(await installation.visit('lovelace', '/environment')).toMatchObject({ status: 200 })
  expect(await readFile(join(directoryOf(homeOf(restored)), 'notes'), 'utf8')).toBe('what Ada wrote')
  expect(installation.events.failures()).toEqual([])
}, 120_000)
