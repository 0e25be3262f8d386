import { beforeEach, describe, expect, it } from 'vitest'
import { SitewrightError } from '../../../core/errors.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
import { homeName, homeOf, placeOf } from '../../../core/site/location.ts'
import type { OperationAttempt } from '../../../core/site/operation.ts'
import type { ActiveSite, ArchivedSite, SuspendedSite } from '../../../core/site/site.ts'
import { ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import {
  archiveDueSite,
  beginArchiving,
  copyData,
  releaseData,
  verifyCopy,
} from '../../../lambdas/endings/archive-site.ts'
import {
  beginCopy,
  pauseSite,
  recordOwnerCopy,
  startPaused,
  unpauseSite,
} from '../../../lambdas/endings/copy/take-copy.ts'
import { requestDeletion } from '../../../lambdas/endings/delete-site.ts'
import { beginSuspension, finishOperation, stopSite, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { failOperation } from '../../../lambdas/endings/fail-operation.ts'
import { judgeLeftover, leftData } from '../../../lambdas/endings/leftovers/leftover.ts'
import { beginPurge, decideOnPurge, purgeDueSite, removeRemains } from '../../../lambdas/endings/purge-site.ts'
import { beginRestore, openRestored, restoreData, startRestored } from '../../../lambdas/endings/restore-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { endingRehearsal } from '../../../lambdas/rehearsals/rehearsal.ts'
import { isPlanChangeDue } from '../../../lambdas/releases/swap/follow-plan.ts'
import { healOperations, retryOperation } from '../../../lambdas/sites/heal-work.ts'
import { welcome } from '../../support/provisioning.ts'
import { attemptAt, reclaimScene } from '../../support/reclaim-scene.ts'
import { samplePolicy } from '../../support/sample-policy.ts'

type Scene = Awaited<ReturnType<typeof reclaimScene>>
let scene: Scene
beforeEach(async () => {
  scene = await reclaimScene()
})

const superseded = expect.objectContaining({ kind: 'OperationSuperseded' })
const ofKind = (kind: string) => expect.objectContaining({ kind })
const run = async (
  attempt: OperationAttempt,
  ...tasks: readonly ((ports: Scene['ports'], attempt: OperationAttempt) => Promise<void>)[]
) => {
  for (const task of tasks) await task(scene.ports, attempt)
}

const stopped = async (): Promise<SuspendedSite> => {
  const site = await scene.open()
  scene.pass(15)
  const suspended = await scene.commit(suspendSite(site, { because: 'trial-ended' }, scene.context()))
  await run(attemptAt(suspended), stopSite, finishOperation)
  return scene.get(site.id, 'suspended')
}

/** A suspended site whose archiving has begun. */
const archiving = async (): Promise<SuspendedSite> => {
  const site = await stopped()
  scene.pass(22)
  return (await scene.commit(beginArchiving(site, scene.context()))) as SuspendedSite
}

/** Loses the content of the copy. */
const damage = ({ id, operation }: SuspendedSite) =>
  scene.outside.archives.remove(archiveKeys(id, (operation as { archiveId: `arc_${string}` }).archiveId).content)

/** The archived site, after a sweep has begun another attempt at what is left. */
const nextAttempt = async ({ id }: SuspendedSite) =>
  scene.commit(retryOperation(await scene.get(id, 'archived'), scene.context()))

const archived = async (): Promise<ArchivedSite> => {
  const site = await archiving()
  await run(attemptAt(site), copyData, verifyCopy, archiveDueSite, releaseData, finishOperation)
  return scene.get(site.id, 'archived')
}

const restoring = async (): Promise<ArchivedSite> =>
  (await scene.commit(beginRestore(await archived(), {}, scene.context()))) as ArchivedSite

const restore = [restoreData, startRestored, openRestored] as const

describe('archiving', () => {
  it('takes a copy, archives, and only then gives the disk back', async () => {
    const site = await archiving()
    const attempt = attemptAt(site)
    await run(attempt, copyData, verifyCopy)
    expect(scene.outside.homes.has(`local/${site.id}`)).toBe(true)
    await archiveDueSite(scene.ports, attempt)
    expect(scene.outside.homes.has(`local/${site.id}`)).toBe(true)
    await run(attempt, releaseData)
    expect(scene.outside.homes.has(`local/${site.id}`)).toBe(false)
    // A repeated task copies nothing of what is gone.
    await copyData({ ...scene.ports, archiver: { run: () => Promise.reject(new Error('It was asked.')) } }, attempt)
    await run(attempt, finishOperation)
    const after = await scene.get(site.id, 'archived')
    // Its retention counts from its archive.
    expect(after).not.toHaveProperty('purgeNotBefore')
    const [archive] = after.archives
    expect(archive).toMatchObject({ kind: 'reclaim', files: 1 })
    expect(scene.outside.archiveKeys()).toContain(archiveKeys(site.id, archive!.id).content)
    expect(scene.outside.violations).toEqual([])
  })

  it('does not archive what was not verified, whatever the order of the states', async () => {
    const site = await archiving()
    await expect(archiveDueSite(scene.ports, attemptAt(site))).rejects.toEqual(ofKind('ArchiveDamaged'))
    expect((await scene.get(site.id, 'suspended')).operation?.kind).toBe('archive')
  })

  it('copies nothing while something of the site runs, and believes no copy during which it ran', async () => {
    const site = await archiving()
    const launch = { siteId: site.id, cell: 'local', generation: site.generation } as Parameters<
      Scene['ports']['runtime']['start']
    >[0]
    await scene.ports.runtime.start(launch)
    await expect(copyData(scene.ports, attemptAt(site))).rejects.toEqual(ofKind('RuntimeUnavailable'))
    expect(scene.outside.archiveKeys()).toEqual([])
    await scene.ports.runtime.remove(placeOf(site))
    const startsMeanwhile = {
      run: async (job: Parameters<Scene['ports']['archiver']['run']>[0]) => {
        const done = await scene.ports.archiver.run(job)
        await scene.ports.runtime.start(launch)
        return done
      },
    }
    const copying = copyData({ ...scene.ports, archiver: startsMeanwhile }, attemptAt(site))
    await expect(copying).rejects.toEqual(ofKind('ArchivingFailed'))
  })

  it('releases nothing before the site is archived', async () => {
    const site = await archiving()
    await run(attemptAt(site), copyData, verifyCopy)
    await expect(releaseData(scene.ports, attemptAt(site))).rejects.toEqual(superseded)
    expect(scene.outside.homes.has(`local/${site.id}`)).toBe(true)
  })

  it('gives up where the copy cannot be made: nothing is released, and it is tried again in an hour', async () => {
    const site = await archiving()
    await run(attemptAt(site), copyData)
    await scene.outside.archives.remove(
      archiveKeys(site.id, (site.operation as { archiveId: `arc_${string}` }).archiveId).manifest,
    )
    await expect(verifyCopy(scene.ports, attemptAt(site))).rejects.toEqual(ofKind('ArchiveDamaged'))
    await failOperation(scene.ports, attemptAt(site), 'ArchiveDamaged')
    const after = await scene.get(site.id, 'suspended')
    expect(after.operation).toBeUndefined()
    expect(Date.parse(after.reprievedUntil ?? '') - Date.parse(scene.now())).toBe(3_600_000)
    expect(scene.outside.archiveKeys()).toEqual([])
    expect(scene.outside.homes.has(`local/${site.id}`)).toBe(true)
    expect(scene.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ event: 'operation-failed' }) }),
    )
  })

  it('tries less and less often what fails always, so that it leaves the rate limit to others', async () => {
    const { id } = await stopped()
    scene.pass(21)
    const waits: number[] = []
    for (let tries = 0; tries < 8; tries += 1) {
      const begun = await scene.commit(beginArchiving(await scene.get(id, 'suspended'), scene.context()))
      await failOperation(scene.ports, attemptAt(begun), 'ArchivingFailed')
      const { reprievedUntil = '' } = await scene.get(id, 'suspended')
      const days = (Date.parse(reprievedUntil) - Date.parse(scene.now())) / 86_400_000
      waits.push(Math.round(days * 24))
      scene.pass(days)
    }
    expect(waits).toEqual([1, 1, 2, 4, 8, 16, 24, 24])
  })

  it('tries a late suspension that fails for the first time again in an hour, also where a copy had failed long before', async () => {
    const site = await scene.open({ reprievedUntil: scene.now() })
    scene.pass(17)
    const begun = await scene.commit(beginSuspension(site, scene.context()))
    await failOperation(scene.ports, attemptAt(begun), 'RuntimeUnavailable')
    const { reprievedUntil } = await scene.get(site.id, 'active')
    expect(reprievedUntil).toBe(plusMilliseconds(scene.now(), 3_600_000))
  })

  it('is past giving up once the site is archived: the rest is for a sweep, which keeps the disk of a damaged copy', async () => {
    const site = await archiving()
    await run(attemptAt(site), copyData, verifyCopy, archiveDueSite)
    await damage(site)
    const again = await nextAttempt(site)
    await expect(verifyCopy(scene.ports, attemptAt(again))).rejects.toEqual(ofKind('ArchiveDamaged'))
    await expect(failOperation(scene.ports, attemptAt(again), 'ArchiveDamaged')).rejects.toEqual(ofKind('Unavailable'))
    const { operation } = await scene.get(site.id, 'archived')
    expect(operation?.kind).toBe('archive')
  })

  it.each([
    ['is damaged', 'ArchiveDamaged'],
    ['cannot be read', 'ArchivingFailed'],
  ] as const)(
    'keeps the disk of a copy that %s, whatever fails later, until the copy can be read',
    async (_, error) => {
      const site = await archiving()
      await run(attemptAt(site), copyData, verifyCopy, archiveDueSite)
      const unreadable = { run: async () => ({ state: 'failed', error, message: 'EIO' }) as const }
      const second = attemptAt(await nextAttempt(site))
      const away = { run: () => Promise.reject(new SitewrightError('RuntimeUnavailable', 'No task could be started.')) }
      await expect(verifyCopy({ ...scene.ports, archiver: away }, second)).rejects.toEqual(ofKind('RuntimeUnavailable'))
      const verifying = verifyCopy({ ...scene.ports, archiver: unreadable }, second)
      // So that operators hear of it.
      await expect(verifying).rejects.toEqual(ofKind('ArchiveDamaged'))
      await expect(failOperation(scene.ports, second, 'ArchiveDamaged')).rejects.toEqual(ofKind('Unavailable'))

      const third = attemptAt(await nextAttempt(site))
      await expect(failOperation(scene.ports, third, 'RuntimeUnavailable')).rejects.toEqual(ofKind('Unavailable'))
      expect(judgeLeftover(leftData(homeOf(site)), await scene.get(site.id, 'archived'), () => true)).toBe('kept')

      const fourth = attemptAt(await nextAttempt(site))
      await run(fourth, verifyCopy, archiveDueSite)
      await failOperation(scene.ports, fourth, 'RuntimeUnavailable')
      const after = await scene.get(site.id, 'archived')
      expect(judgeLeftover(leftData(homeOf(site)), after, () => true)).toBe('left-over')
    },
  )

  it('releases no disk before a later attempt has read how the verification ended', async () => {
    const site = await archiving()
    await run(attemptAt(site), copyData, verifyCopy, archiveDueSite)
    await damage(site)
    const again = attemptAt(await nextAttempt(site))
    // The state that waits for the job does not say how it ended.
    await expect(archiveDueSite(scene.ports, again)).rejects.toEqual(ofKind('ArchiveDamaged'))
  })

  it.each([
    ['cannot be written', { state: 'failed', error: 'ArchivingFailed', message: 'EROFS' } as const, 'ArchivingFailed'],
    ['is gone', new SitewrightError('RuntimeUnavailable', 'The disk is not mounted.'), 'RuntimeUnavailable'],
  ])(
    'ends without the release of a disk that %s: the site can be restored, and the disk is left over',
    async (_, answer, error) => {
      const site = (await scene.commit(
        beginArchiving(await stopped(), scene.context(), { early: true }),
      )) as SuspendedSite
      await run(attemptAt(site), copyData, verifyCopy, archiveDueSite)
      const refuse = async () => (answer instanceof Error ? Promise.reject(answer) : answer)
      const broken = { ...scene.ports, archiver: { run: refuse } }
      await expect(releaseData(broken, attemptAt(site))).rejects.toEqual(ofKind(error))
      await failOperation(broken, attemptAt(site), error)

      const after = await scene.get(site.id, 'archived')
      expect(after.operation).toBeUndefined()
      // Its archive is its data, so it has left the cell.
      expect(after).not.toHaveProperty('failedMove')
      expect(scene.outside.archiveKeys()).toContain(archiveKeys(site.id, after.archives[0]!.id).content)
      const left = leftData(homeOf(site))
      expect(scene.outside.homes.has(`local/${site.id}`)).toBe(true)
      expect(judgeLeftover(left, after, () => true)).toBe('left-over')

      const back = (await scene.commit(beginRestore(after, {}, scene.context()))) as ArchivedSite
      await run(attemptAt(back), ...restore)
      const active = await scene.get(site.id, 'active')
      expect(scene.outside.homes.get(`local/${homeName(homeOf(active))}`)).toEqual(
        scene.outside.acknowledged.get(site.id),
      )
      expect(judgeLeftover(left, active, () => true)).toBe('left-over')
      expect(scene.outside.violations).toEqual([])
    },
  )

  it('throws the copy away where the gate is shut after it was made', async () => {
    const site = await archiving()
    await run(attemptAt(site), copyData, verifyCopy)
    scene.money.answer = 'paid'
    await expect(archiveDueSite(scene.ports, attemptAt(site))).rejects.toEqual(superseded)
    expect(scene.outside.archiveKeys()).toEqual([])
    expect((await scene.get(site.id, 'suspended')).operation).toBeUndefined()
  })

  it('superseded attempts cannot touch a restored site', async () => {
    const site = await archiving()
    const zombie = attemptAt(site)
    await run(zombie, copyData, verifyCopy)
    const facts = { trialEndsAt: scene.now(), extensionsUsed: 1 }
    await scene.commit(resumeSite(site, facts, samplePolicy, scene.context()))
    for (const task of [stopSite, copyData, verifyCopy, archiveDueSite, releaseData, finishOperation]) {
      await expect(task(scene.ports, zombie)).rejects.toEqual(superseded)
    }
    expect(scene.outside.homes.has(`local/${site.id}`)).toBe(true)
    expect(scene.outside.violations).toEqual([])
  })

  it('releases by its late second attempt the directory that it copied, and never a restored one', async () => {
    const site = await archiving()
    const zombie = attemptAt(site)
    await run(zombie, copyData, verifyCopy, archiveDueSite, releaseData, finishOperation)
    const back = (await scene.commit(
      beginRestore(await scene.get(site.id, 'archived'), {}, scene.context()),
    )) as ArchivedSite
    await run(attemptAt(back), ...restore)
    await expect(releaseData(scene.ports, zombie)).rejects.toEqual(superseded)
    // Even a release that ran all the time hits the directory that it names.
    await scene.outside.storage.remove({ siteId: site.id, cell: 'local', generation: 1 })
    const active = await scene.get(site.id, 'active')
    expect(homeName(homeOf(active))).toBe(`${site.id}.2`)
    expect(scene.outside.homes.get(`local/${site.id}.2`)).toEqual(scene.outside.acknowledged.get(site.id))
    expect(scene.outside.violations).toEqual([])
  })
})

describe('restoring', () => {
  it('fills a directory that was never used, and opens the site when it answers', async () => {
    const site = await restoring()
    expect(site.generation).toBe(2)
    await run(attemptAt(site), restoreData)
    await scene.get(site.id, 'archived')
    await run(attemptAt(site), startRestored, openRestored)
    const active = await scene.get(site.id, 'active')
    expect(active).toMatchObject({ generation: 2, endpoint: expect.anything() })
    expect(active.operation).toBeUndefined()
    expect(scene.outside.homes.get(`local/${site.id}.2`)).toEqual(scene.outside.acknowledged.get(site.id))
    expect(active.archives).toHaveLength(1)
  })

  it('records the size it was started with, also if a plan is bought until it answers', async () => {
    const site = await restoring()
    await run(attemptAt(site), restoreData, startRestored)
    const started = await scene.get(site.id, 'archived')
    await scene.commit(changePlan(started, { plan: 'growth', reason: 'Paid.' }, scene.context()))
    const { plans, runtime } = scene.ports
    const start: typeof runtime.start = async (launch) => {
      expect(launch.size).toEqual(plans.trial.size)
      await runtime.start(launch)
    }
    await startRestored({ ...scene.ports, runtime: { start } }, attemptAt(site))
    await run(attemptAt(site), openRestored)
    const active = await scene.get(site.id, 'active')
    expect(active.size).toEqual(plans.trial.size)
    expect(isPlanChangeDue(active, plans, scene.ports.clocks.wall())).toBe(true)
    expect(retryOperation(started, scene.context()).after.operation).not.toHaveProperty('size')
  })

  it('refuses a damaged archive: the site stays archived, and nothing is left of the try', async () => {
    const site = await restoring()
    const [archive] = site.archives
    await scene.ports.archives.remove(archiveKeys(site.id, archive!.id).content)
    await expect(run(attemptAt(site), restoreData)).rejects.toEqual(ofKind('ArchiveDamaged'))
    await failOperation(scene.ports, attemptAt(site), 'ArchiveDamaged')
    const after = await scene.get(site.id, 'archived')
    expect(after.operation).toBeUndefined()
    expect([...scene.outside.homes.keys()]).toEqual([])
    expect(scene.log.lines).toContainEqual(expect.objectContaining({ level: 'error' }))
  })

  it('that failed is begun again by a sweep an hour later, in a directory of its own, and as often as it fails', async () => {
    const { id } = await scene.open({ plan: 'growth' })
    const paid = { ...(await archived()), plan: 'growth' }
    const failing = (await scene.commit(beginRestore(paid, {}, scene.context()))) as ArchivedSite
    const sweep = async (minutes: number) => {
      scene.pass(minutes / (24 * 60))
      await healOperations(scene.ports, 'sweep')
      return scene.get(paid.id, 'archived')
    }
    await failOperation(scene.ports, attemptAt(failing), 'RuntimeUnavailable')
    expect((await sweep(59)).operation).toBeUndefined()
    const again = await sweep(1)
    expect(again).toMatchObject({ operation: { kind: 'restore', fence: 1 }, generation: failing.generation + 1 })
    await failOperation(scene.ports, attemptAt(again), 'RuntimeUnavailable')
    expect((await sweep(59)).operation).toBeUndefined()
    await run(attemptAt(await sweep(1)), ...restore)
    expect(await scene.get(paid.id, 'active')).not.toHaveProperty('restoreNotBefore')
    await healOperations(scene.ports, 'sweep')
    expect((await scene.get(id, 'active')).operation).toBeUndefined()
    expect(scene.outside.violations).toEqual([])
  })

  it('that failed is not begun again of a site that is to be deleted, or whose time is over', async () => {
    const failing = await restoring()
    await failOperation(scene.ports, attemptAt(failing), 'RuntimeUnavailable')
    scene.pass(1)
    await healOperations(scene.ports, 'sweep')
    expect((await scene.get(failing.id, 'archived')).operation).toBeUndefined()
    const paid = { ...(await scene.get(failing.id, 'archived')), plan: 'growth' }
    await scene.commit(requestDeletion(paid, scene.context()))
    await healOperations(scene.ports, 'sweep')
    expect((await scene.get(failing.id, 'archived')).operation).toBeUndefined()
  })

  it('that failed is not begun again while an operator waits for another to agree to the purge', async () => {
    const paid = { ...(await archived()), plan: 'growth' }
    const failing = (await scene.commit(beginRestore(paid, {}, scene.context()))) as ArchivedSite
    await failOperation(scene.ports, attemptAt(failing), 'ArchiveDamaged')
    const requestOf = async (operatorId: string) =>
      decideOnPurge(await scene.get(paid.id, 'archived'), { operatorId, reason: 'fraud' }, scene.context())
    await scene.commit((await requestOf('ada'))!)
    scene.pass(23 / 24)
    await healOperations(scene.ports, 'sweep')
    expect(await scene.get(paid.id, 'archived')).toMatchObject({ purgeRequest: { operatorId: 'ada' } })
    expect((await requestOf('bob'))?.after).toMatchObject({ deletion: { by: 'operators' } })
    scene.pass(1 / 24)
    await healOperations(scene.ports, 'sweep')
    expect((await scene.get(paid.id, 'archived')).operation?.kind).toBe('restore')
  })

  it('of a site that has moved sends its visitors on again if it fails, and no longer once it has worked', async () => {
    const movedTo = 'https://shop.example.org'
    const away = { ...(await archived()), movedTo }
    const failing = (await scene.commit(beginRestore(away, {}, scene.context()))) as ArchivedSite
    await failOperation(scene.ports, attemptAt(failing), 'RuntimeUnavailable')
    const failed = await scene.get(away.id, 'archived')
    expect(failed).toMatchObject({ movedTo })
    const again = (await scene.commit(beginRestore(failed, {}, scene.context()))) as ArchivedSite
    await run(attemptAt(again), ...restore)
    expect(await scene.get(away.id, 'active')).not.toHaveProperty('movedTo')
  })

  it('a failed restore ends although its cleanup is slow', async () => {
    const site = await restoring()
    const slow = { run: async () => ({ state: 'running' as const }) }
    await failOperation({ ...scene.ports, archiver: slow }, attemptAt(site), 'ArchiveDamaged')
    expect((await scene.get(site.id, 'archived')).operation).toBeUndefined()
  })

  it('that fails twice over ends by the next try of the task, or by a sweep', async () => {
    const site = await restoring()
    const broken = { ...scene.ports.runtime, remove: () => Promise.reject(new Error('the engine is away')) }
    await expect(failOperation({ ...scene.ports, runtime: broken }, attemptAt(site), 'ArchiveDamaged')).rejects.toThrow(
      'the engine is away',
    )
    expect((await scene.get(site.id, 'archived')).operation).toMatchObject({ fence: 2, ending: { outcome: 'failed' } })
    for (const task of restore) await expect(task(scene.ports, attemptAt(site))).rejects.toEqual(superseded)

    const started: string[] = []
    const workflows = {
      status: async () => 'failed' as const,
      start: async (_: string, name: string) => void started.push(name),
    }
    scene.pass(1)
    await healOperations({ ...scene.ports, workflows }, 'sweep')
    expect(started).toEqual([])
    const after = await scene.get(site.id, 'archived')
    expect(after.operation).toBeUndefined()
    expect((after.reprievedUntil ?? '') > site.archivedAt).toBe(true)
  })

  it('may be released again by the task that was interrupted in it', async () => {
    const site = await restoring()
    const broken = { ...scene.ports.runtime, remove: () => Promise.reject(new Error('the engine is away')) }
    await failOperation({ ...scene.ports, runtime: broken }, attemptAt(site), 'ArchiveDamaged').catch(() => undefined)
    await failOperation(scene.ports, attemptAt(site), 'ArchiveDamaged')
    expect((await scene.get(site.id, 'archived')).operation).toBeUndefined()
  })

  const open = { name: 'fast', sites: 50 }
  const own = { name: 'local', sites: 100 }
  const full = { name: 'local', sites: 1 }
  it.each([
    ['the cell with the most room, as a new site', {}, [{ ...own, sites: 40 }, open], 'fast'],
    ['another one if its own is gone', {}, [open], 'fast'],
    ['another one if its own is full', {}, [full, open], 'fast'],
    ['another one if its own is for named sites', {}, [{ ...own, isNamed: true }, open], 'fast'],
    ['its own if all are full', {}, [full, { ...open, sites: 1 }], 'local'],
    ['the one that a relocation named', { isCellNamed: true as const }, [{ ...full, isNamed: true }, open], 'local'],
    ['another one if that is gone', { isCellNamed: true as const }, [open], 'fast'],
    ['another one if that is closed', { isCellNamed: true as const }, [{ ...own, sites: 0 }, open], 'fast'],
    ['none while no other cell is open', {}, [{ ...own, isNamed: true }], undefined],
  ])('places a site in %s', async (_, facts, capacities, cell) => {
    const begun = await restoring()
    const site = { ...begun, ...facts }
    const counts = ['local', 'fast'].map((name) => ({ cell: name, sites: 1, ready: {} }))
    const ports = { ...scene.ports, capacities, cellCounts: { read: async () => counts, add: async () => true } }
    const sites = { ...ports.sites, get: async () => site }
    const placing = restoreData({ ...ports, sites }, attemptAt(site))
    if (cell === undefined) return expect(placing).rejects.toEqual(ofKind('RuntimeUnavailable'))
    await placing
    const after = await scene.get(site.id, 'archived')
    expect(after).toMatchObject({ cell, operation: { isPlaced: true } })
    expect(after.isCellNamed).toBe(cell === 'local' ? site.isCellNamed : undefined)
    expect(scene.outside.homes.has(`${cell}/${site.id}.2`)).toBe(true)
    // The task asks again how the job stands, and another attempt chooses anew.
    await restoreData({ ...ports, capacities: [] }, attemptAt(after))
    expect((await scene.get(site.id, 'archived')).version).toBe(after.version)
    expect(retryOperation(after, scene.context()).after.operation).not.toHaveProperty('isPlaced')
  })

  it('uses another directory for each attempt', async () => {
    const site = await restoring()
    const zombie = attemptAt(site)
    const again = (await scene.commit(retryOperation(site, scene.context()))) as ArchivedSite
    expect(again.generation).toBe(3)
    await run(attemptAt(again), ...restore)
    await expect(restoreData(scene.ports, zombie)).rejects.toEqual(superseded)
    await expect(failOperation(scene.ports, zombie, 'States.Timeout')).rejects.toEqual(superseded)
    expect((await scene.get(site.id, 'active')).generation).toBe(3)
    expect(scene.outside.running.get(site.id)?.generation).toBe(3)
    expect(scene.outside.violations).toEqual([])
  })
})

describe('a task that hangs after its commit and continues later', () => {
  it('takes no copy for useless that was made since', async () => {
    const site = await archived()
    const back = (await scene.commit(beginRestore(site, {}, scene.context()))) as ArchivedSite
    await run(attemptAt(back), ...restore)
    const active = await scene.get(site.id, 'active')
    const copying = (await scene.commit(beginCopy(active, scene.context()))) as ActiveSite
    let goOn = (): void => undefined
    const hanging = new Promise<void>((resolve) => {
      goOn = resolve
    })
    await run(attemptAt(copying), pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy)
    const archives = {
      ...scene.ports.archives,
      list: async function* (prefix: string) {
        await hanging
        yield* scene.ports.archives.list(prefix)
      },
      remove: async (key: string) => {
        await hanging
        await scene.ports.archives.remove(key)
      },
    }
    const late = recordOwnerCopy({ ...scene.ports, archives }, attemptAt(copying))
    await new Promise((resolve) => setTimeout(resolve, 20))
    const next = await scene.get(site.id, 'active')
    expect(next.operation).toBeUndefined()
    scene.pass(0.1)
    const again = (await scene.commit(beginCopy(next, scene.context()))) as ActiveSite
    await run(attemptAt(again), pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy, recordOwnerCopy)
    goOn()
    await late
    const kept = (await scene.get(site.id, 'active')).archives
    for (const { id } of kept) expect(scene.outside.archiveKeys()).toContain(archiveKeys(site.id, id).content)
  })
})

describe('purging', () => {
  it('leaves nothing but a tombstone that keeps its hostname', async () => {
    const site = await archived()
    scene.pass(91)
    const software = { ...welcome(1), name: ownBlueprint(site.id) }
    await scene.ports.blueprints.publish(software)
    const other = await scene.open()
    // What a late attempt left.
    const late = { siteId: site.id, cell: 'local', generation: 7 }
    await scene.outside.storage.prepare(late)
    await scene.ports.runtime.start(late as Parameters<Scene['ports']['runtime']['start']>[0])
    await scene.ports.configurations.keepGenerated(site.id, { DB_PASSWORD: 'sealed' })
    const erased: string[] = []
    const evidence = { erase: async (id: string) => void erased.push(id) }
    const due = await scene.commit(beginPurge({ ...site, warned: [14, 3] }, scene.context()))
    await run(attemptAt(due), purgeDueSite)
    await removeRemains({ ...scene.ports, evidence }, attemptAt(due))
    await run(attemptAt(due), finishOperation)
    expect([erased, [...scene.outside.running.keys()]]).toEqual([[site.id], [other.id]])
    expect(await scene.ports.configurations.readGenerated(site.id)).toBeUndefined()
    const purged = await scene.get(site.id, 'purged')
    expect(await scene.ports.blueprints.versions(software.name)).toEqual([])
    expect(purged.operation).toBeUndefined()
    expect(purged.ownership?.hostname).toBe(site.ownership.hostname)
    expect(scene.outside.archiveKeys()).toEqual([])
    expect([...scene.outside.homes.keys()]).toEqual([`local/${other.id}`])
  })

  it('is past giving up once it is committed, as a suspension is', async () => {
    const site = await archived()
    scene.pass(91)
    await scene.commit(beginPurge({ ...site, warned: [14, 3] }, scene.context()))
    await run(attemptAt(await scene.get(site.id, 'archived')), purgeDueSite)
    const due = await scene.get(site.id, 'purged')
    const suspended = await scene.commit(suspendSite(await scene.open(), { because: 'operator' }, scene.context()))
    for (const one of [due, suspended]) {
      const failing = failOperation(scene.ports, attemptAt(one), 'RuntimeUnavailable')
      await expect(failing).rejects.toEqual(ofKind('Unavailable'))
    }
  })

  describe('the rehearsal of a bundle', () => {
    const elsewhere = 'site_01jq3v5k8m00000000000000zz' as const
    const rehearsalOf = { siteId: elsewhere, target: {}, until: '2026-03-08T12:00:00.000Z' }
    /** Ends a rehearsal. @returns how many files and secrets are left of what the import stored. */
    const endOne = async () => {
      const site = await scene.open({ rehearsalOf })
      const home = { siteId: elsewhere, cell: 'local', generation: 1 }
      await scene.outside.storage.prepare(home)
      const archiveId = 'arc_01jq3v5k8m00000000000000zz'
      const job = { kind: 'copy', id: 'elsewhere', siteId: elsewhere, home, archiveId } as const
      await scene.outside.archiver.run({ ...job, blueprint: site.blueprint, at: scene.now() })
      await scene.ports.configurations.keepGenerated(elsewhere, { DB_PASSWORD: 'sealed' })
      const ended = await scene.commit(endingRehearsal(site, 'over', scene.context()))
      await run(attemptAt(ended), removeRemains, finishOperation)
      const secrets = await scene.ports.configurations.readGenerated(elsewhere)
      return [scene.outside.archiveKeys().length, Object.keys(secrets ?? {}).length]
    }

    it('leaves nothing of its original, which has never been here', async () => {
      expect(await endOne()).toEqual([0, 0])
    })

    it('leaves what its original has, or another rehearsal of it', async () => {
      const other = await scene.open({ rehearsalOf })
      expect(await endOne()).toEqual([2, 1])
      await scene.commit(endingRehearsal(other, 'over', scene.context()))
      const original = await scene.open({ id: elsewhere })
      expect(await endOne()).toEqual([2, 1])
      expect(() => endingRehearsal(original, 'over', scene.context())).toThrow('is no rehearsal')
    })

    it('leaves what an import of its original needs that begins meanwhile', async () => {
      const { sites } = scene.ports
      let isListed = false
      const listByStatus: typeof sites.listByStatus = async function* (status) {
        if (!isListed) await scene.open({ id: elsewhere })
        isListed = true
        yield* sites.listByStatus(status)
      }
      Object.assign(scene.ports, { sites: { ...sites, listByStatus } })
      expect(await endOne()).toEqual([2, 1])
    })
  })

  it('removes nothing before the site is purged', async () => {
    const site = await archived()
    scene.pass(91)
    const due = await scene.commit(beginPurge({ ...site, warned: [14, 3] }, scene.context()))
    await expect(removeRemains(scene.ports, attemptAt(due))).rejects.toEqual(superseded)
    expect(scene.outside.archiveKeys()).toHaveLength(2)
  })
})

describe('an owner’s copy', () => {
  const copying = async (): Promise<ActiveSite> =>
    (await scene.commit(beginCopy(await scene.open(), scene.context()))) as ActiveSite

  it('pauses the site while its data is read and records the downtime', async () => {
    const site = await copying()
    const attempt = attemptAt(site)
    await run(attempt, pauseSite, stopSite)
    expect(scene.outside.running.has(site.id)).toBe(false)
    expect((await scene.get(site.id, 'active')).endpoint).toBeUndefined()
    await run(attempt, copyData)
    scene.pass(0.001)
    await run(attempt, startPaused, unpauseSite)
    expect(scene.outside.running.has(site.id)).toBe(true)
    await run(attempt, verifyCopy, recordOwnerCopy)
    const after = await scene.get(site.id, 'active')
    expect(after.archives[0]).toMatchObject({ kind: 'owner', pausedMilliseconds: 86_400 })
    expect(after.endpoint).toBeDefined()
    expect(scene.outside.violations).toEqual([])
  })

  it('waits for the requests in progress before the site stops', async () => {
    const waits: number[] = []
    const open = [2, 1]
    const ports = {
      ...scene.ports,
      pause: async (milliseconds: number) => {
        waits.push(milliseconds)
      },
      openRequests: { at: async () => open.shift() ?? 0 },
    }
    await pauseSite(ports, attemptAt(await copying()))
    expect(open).toEqual([])
    expect(waits).toEqual([50, 25, 25, 25])
  })

  it('waits a second for a request that does not end', async () => {
    let passed = 0
    const ports = {
      ...scene.ports,
      monotonic: () => passed,
      pause: async (milliseconds: number) => {
        passed += milliseconds
      },
      openRequests: { at: async () => 1 },
    }
    await pauseSite(ports, attemptAt(await copying()))
    expect(passed).toBe(1050)
  })

  it('that fails leaves a site that is to run, and no copy', async () => {
    const site = await copying()
    await run(attemptAt(site), pauseSite, stopSite)
    await failOperation(scene.ports, attemptAt(site), 'ArchivingFailed')
    expect((await scene.get(site.id, 'active')).operation).toBeUndefined()
    expect(scene.outside.archiveKeys()).toEqual([])
  })

  it('keeps the newest few, and their content alone', async () => {
    let site: ActiveSite = await scene.open()
    for (let count = 0; count < 5; count += 1) {
      scene.pass(0.1)
      site = (await scene.commit(beginCopy(site, scene.context()))) as ActiveSite
      await run(attemptAt(site), pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy, recordOwnerCopy)
      site = await scene.get(site.id, 'active')
    }
    expect(site.archives).toHaveLength(3)
    const kept = site.archives.flatMap(({ id }) => Object.values(archiveKeys(site.id, id)))
    expect(scene.outside.archiveKeys().toSorted()).toEqual(kept.toSorted())
  })
})
