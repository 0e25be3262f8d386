import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { homeOf } from '../../../core/site/location.ts'
import { type Answer, call } from '../../e2e/call.ts'
import { archiveLongAgo, siteIn, suspendLongAgo, wake } from '../support/aging.ts'
import { archiverProcess } from '../support/archiver-process.ts'
import type { RunTask } from '../support/played-task.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import { remainsOf } from '../support/remains.ts'
import { probeProcesses, startAws } from '../support/start-aws.ts'
import { type Installation, type Owner, openInstallation, siteIdOf } from './installation.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

let installation: Installation
/** So many of the archiver's next tasks end before they have done anything. */
let cutOff = 0
const cutOffTask: RunTask = async () => ({ firstEnd: Promise.resolve(undefined), stop: async () => undefined })
const runArchiver: RunTask = (containers, place) => {
  if (cutOff === 0) return archiverProcess(containers, place)
  cutOff -= 1
  return cutOffTask(containers, place)
}

beforeAll(async () => {
  const blueprint = probeBlueprint({ name: 'welcome', health: 'well', mode: 'shared' })
  const aws = await startAws({
    run: (containers, place) =>
      containers[0]?.name === 'archiver' ? runArchiver(containers, place) : probeProcesses(containers, place),
  })
  installation = await openInstallation({ blueprint, engine: undefined, aws })
})
afterAll(() => installation?.close())

interface OwnedSite {
  readonly id: SiteId
  readonly slug: string
  readonly owner: Owner
}

/** A site that runs, and what its owner wrote. */
const ownSite = async (slug: string): Promise<OwnedSite> => {
  const { world } = installation
  const owner = await installation.signIn(`owner@${slug}.example`)
  const id = siteIdOf((await installation.buildSite(owner, slug)).json)
  const home = homeOf(await siteIn(world, id, 'active'))
  await writeFile(join(world.aws.fargate.directoryOf(home), 'notes'), `what ${slug} wrote`)
  return { id, slug, owner }
}

/** As the clock does it, day for day. */
const endTrial = async ({ id }: OwnedSite): Promise<void> => {
  const { world } = installation
  await suspendLongAgo(world, id)
  // Committed, and never started: the healing path stops what runs.
  await wake(world, 'heal-work')
  expect(await siteIn(world, id, 'suspended')).not.toHaveProperty('operation')
  await wake(world, 'act-on-deadlines')
}

const ask = <Body = Record<string, unknown>>(
  { id, owner }: OwnedSite,
  method: string,
  path: string,
): Promise<Answer<Body>> =>
  call<Body>(installation.edge.distribution, { method, path: `/v1/sites/${id}${path}`, headers: owner.bearer })

const notesOf = async ({ id }: OwnedSite): Promise<string> => {
  const { world } = installation
  const home = homeOf(await siteIn(world, id, 'active'))
  return readFile(join(world.aws.fargate.directoryOf(home), 'notes'), 'utf8')
}

/** What there is of a site, without what there is none of. */
const remains = async ({ id }: OwnedSite): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(Object.entries(await remainsOf(installation.world, id)).filter(([, count]) => count > 0))

describe('a trial that ends', () => {
  it('is archived, its disk given back, and is resumed with its data', async () => {
    const { world } = installation
    const site = await ownSite('lovelace')
    const { generation } = await siteIn(world, site.id, 'active')
    await endTrial(site)
    const archived = await siteIn(world, site.id, 'archived')
    expect(archived.archives).toHaveLength(1)
    expect(archived).not.toHaveProperty('operation')
    // ECS told of the end of each job.
    expect(installation.events.deliveredTo('complete-jobs').length).toBeGreaterThanOrEqual(3)
    // Only the outcomes of its three jobs are left.
    expect(await remains(site)).toEqual({ 'objects of archives': 2, outcomes: 3 })

    expect(await ask(site, 'POST', '/resume')).toMatchObject({ status: 202 })
    await world.settled()
    expect(await siteIn(world, site.id, 'active')).toMatchObject({ generation: generation + 1 })
    expect(await installation.visit('lovelace', '/environment')).toMatchObject({ status: 200 })
    expect(await notesOf(site)).toBe('what lovelace wrote')
    expect(installation.events.failures()).toEqual([])
  })

  it('and nobody takes up is purged when its archive has been kept for long enough, and nothing is left of it', async () => {
    const { world } = installation
    const site = await ownSite('babbage')
    await endTrial(site)
    await siteIn(world, site.id, 'archived')
    // Before its time it stays.
    await wake(world, 'act-on-deadlines')
    await siteIn(world, site.id, 'archived')
    await archiveLongAgo(world, site.id)
    await wake(world, 'act-on-deadlines')
    expect(await siteIn(world, site.id, 'purged')).not.toHaveProperty('operation')
    expect(await remains(site)).toEqual({})
    expect(await ask(site, 'POST', '/resume')).toMatchObject({ status: 409 })
    // As if it had never been there: a visitor learns nothing of it.
    expect(await installation.visit('babbage', '/environment')).toMatchObject({ status: 404 })
    expect(installation.events.failures()).toEqual([])
  })
})

describe('an archive that is gone', () => {
  it('is reported as damaged where it is to be restored, and the site stays archived', async () => {
    const { world } = installation
    const site = await ownSite('somerville')
    await endTrial(site)
    const { archives } = await siteIn(world, site.id, 'archived')
    const { content: Key } = archiveKeys(site.id, archives[0]!.id)
    await world.aws.clients.s3.send(new DeleteObjectCommand({ Bucket: world.environment['ARCHIVE_BUCKET'], Key }))

    const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
    expect(await ask(site, 'POST', '/resume')).toMatchObject({ status: 202 })
    await world.settled()
    const lines = written.mock.calls.map(([line]) => String(line))
    written.mockRestore()
    // What the alarm `archive-damaged` looks for.
    expect(lines.flatMap((line) => (line.startsWith('{') ? [JSON.parse(line)] : []))).toContainEqual(
      expect.objectContaining({ event: 'operation-failed', siteId: site.id, error: 'ArchiveDamaged' }),
    )
    const after = await siteIn(world, site.id, 'archived')
    expect(after.archives).toEqual(archives)
    expect(after).not.toHaveProperty('operation')
    // The other half is kept for a repair of the lost one.
    const left = await remains(site)
    expect(left).toMatchObject({ 'objects of archives': 1 })
    for (const what of ['services', 'tasks', 'roles']) expect(left).not.toHaveProperty(what)
  })
})

describe('a copy that an owner asks for', () => {
  it('is taken while the site pauses, verified and listed, and the site runs again as it was', async () => {
    const { world } = installation
    const site = await ownSite('hamilton')
    const before = await siteIn(world, site.id, 'active')
    const tasks = world.aws.fargate.tasksOf(site.id).length
    expect(await ask(site, 'POST', '/archives')).toMatchObject({ status: 202 })
    await world.settled()

    const after = await siteIn(world, site.id, 'active')
    expect(after).not.toHaveProperty('operation')
    expect(after.generation).toBe(before.generation)
    const { json } = await ask<{ archives: readonly { id: string }[] }>(site, 'GET', '/archives')
    expect(json.archives).toMatchObject([
      { kind: 'owner', files: expect.any(Number), pausedMilliseconds: expect.any(Number) },
    ])
    // It stood still: the task that there was has ended, and another one runs.
    const [first, ...others] = world.aws.fargate.tasksOf(site.id).slice(tasks - 1)
    expect(first).toMatchObject({ lastStatus: 'STOPPED' })
    expect(others.filter(({ lastStatus }) => lastStatus === 'RUNNING')).toHaveLength(1)
    expect(await installation.visit('hamilton', '/environment')).toMatchObject({ status: 200 })
    expect(await notesOf(site)).toBe('what hamilton wrote')

    const { s3 } = world.aws.clients
    const Bucket = world.environment['ARCHIVE_BUCKET']
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: `${site.id}/arc_` }))
    expect(Contents.map(({ Key }) => Key).toSorted()).toEqual(
      Object.values(archiveKeys(site.id, after.archives[0]!.id)).toSorted(),
    )
    const {
      'roles of jobs': roles,
      'task definitions of jobs': definitions,
      services,
    } = await remainsOf(world, site.id)
    // Kept for the next job on these data.
    expect([roles, definitions, services]).toEqual([0, 1, 1])

    const link = await ask<{ url: string }>(site, 'GET', `/archives/${json.archives[0]!.id}/download`)
    expect(new URL(link.json.url).pathname).toBe(`/${archiveKeys(site.id, after.archives[0]!.id).content}`)
    expect(installation.events.failures()).toEqual([])
  })

  it('is taken by a second task where the first one was cut off', async () => {
    const { world } = installation
    const site = await ownSite('noether')
    const before = installation.asked('ecs.RunTask').length
    cutOff = 1
    expect(await ask(site, 'POST', '/archives')).toMatchObject({ status: 202 })
    await world.settled()
    expect((await siteIn(world, site.id, 'active')).archives).toHaveLength(1)
    // Copied by the second try, and verified by the first.
    const attempts = installation
      .asked('ecs.RunTask')
      .slice(before)
      .map((input) => JSON.stringify(input['overrides']))
    expect(attempts.map((overrides) => /"ATTEMPT","value":"(\d)"/.exec(overrides)?.[1])).toEqual(['1', '2', '1'])
    expect(await notesOf(site)).toBe('what noether wrote')
  })
})
