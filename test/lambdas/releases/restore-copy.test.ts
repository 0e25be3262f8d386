import { describe, expect, it } from 'vitest'
import { archiveKeys } from '../../../core/ports/archives.ts'
import type { SiteUnder } from '../../../core/site/change-site.ts'
import { homeOf } from '../../../core/site/location.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { isBehind } from '../../../lambdas/releases/follow-rollouts.ts'
import { releaseCopyOf, restoreOwnCopy, restoreReleaseCopy } from '../../../lambdas/releases/restore-copy.ts'
import type { Rollout } from '../../../lambdas/releases/rollout.ts'
import { upgradeOf } from '../../../lambdas/releases/site-progress.ts'
import { failSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { moveOver } from '../../../lambdas/releases/swap/swap-changes.ts'
import { retryOperation } from '../../../lambdas/sites/heal-work.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { homeKey } from '../../support/simulation/outside-world.ts'
import { rolloutScene } from './rollout-scene.ts'

const reason = 'The editor lost its pages.'

/** A site that a roll-out has moved to a version that migrates, and what was written to it before and since. */
const upgraded = async (release: object = { migrates: true }) => {
  const scene = await rolloutScene(1, release)
  const [id] = scene.opened
  if (id === undefined) throw new Error('there is no site')
  const site = () => scene.get(id, 'active')
  const data = async () => scene.outside.homes.get(homeKey(homeOf(await site())))
  const before = await data()
  await scene.start()
  await scene.settle()
  const copy = releaseCopyOf(await site())
  scene.outside.write(await site())
  const since = await data()
  const restore = (facts: { readonly archiveId?: string; readonly operatorId?: string } = {}) =>
    restoreReleaseCopy(
      scene.ports,
      { siteId: id, actor: scene.operator(facts.operatorId ?? 'ada'), causationId: 'req_test' },
      { archiveId: facts.archiveId ?? copy?.id ?? 'arc_none', reason },
    )
  const sizesOf = async (archiveId: `arc_${string}` = 'arc_none') => {
    const sizes: number[] = []
    for await (const { bytes } of scene.ports.archives.list(archiveKeys(id, archiveId).content)) sizes.push(bytes)
    return sizes
  }
  return { ...scene, id, site, data, before, since, copy, restore, sizesOf }
}

describe('an operator who restores the copy that was made before an upgrade', () => {
  it('gets the former version and data, and keeps the newer data as a copy', async () => {
    const scene = await upgraded()
    expect(scene.since).not.toEqual(scene.before)
    const begun = await scene.restore()
    expect(begun).toMatchObject({
      operation: { kind: 'upgrade', target: { blueprint: { version: 1 } }, copy: { restores: scene.copy?.id } },
    })
    await scene.settle()
    const site = await scene.site()
    expect(site).toMatchObject({
      blueprint: { version: 1 },
      upgradedFrom: 2,
      archives: [{ kind: 'release', blueprint: { version: 2 }, bytes: scene.since?.length }, { id: scene.copy?.id }],
      failedUpgrade: { to: 2, because: 'DataRestored', restored: scene.copy?.id },
    })
    expect(site).not.toHaveProperty('operation')
    expect(await scene.data()).toEqual(scene.before)
    expect(scene.outside.violations).toEqual([])
    expect(await scene.sizesOf(site.archives[0]?.id)).toEqual([scene.since?.length])
  })

  it('does so also for a site that sleeps, without a start of the version that it has', async () => {
    const scene = await upgraded()
    await scene.sleep(scene.id)
    scene.started.length = 0
    await scene.restore()
    await scene.settle()
    expect(await scene.site()).toMatchObject({
      blueprint: { version: 1 },
      archives: [{ blueprint: { version: 2 } }, {}],
    })
    expect(await scene.data()).toEqual(scene.before)
    expect(scene.started).toEqual([`${scene.id} 1 on 3`])
    expect(scene.outside.violations).toEqual([])
  })

  it('can go forward again to the newer data', async () => {
    const scene = await upgraded()
    await scene.restore()
    await scene.settle()
    const newer = releaseCopyOf(await scene.site())
    await scene.restore({ archiveId: newer?.id ?? '' })
    await scene.settle()
    expect((await scene.site()).blueprint.version).toBe(2)
    expect(await scene.data()).toEqual(scene.since)
  })

  it('gets former data although the version is the former one already', async () => {
    const scene = await upgraded({ migrates: true, backwardCompatible: true })
    const back = {
      rollout: { ...(await scene.rollout()), state: 'going-back' as const },
      versions: await scene.versionsOf(),
    }
    const change = upgradeOf(await scene.site(), { siteId: scene.id, at: scene.now() }, back, scene.context())
    if (change === undefined) throw new Error('it does not go back')
    await scene.commit(change)
    await scene.heal()
    await scene.settle()
    expect([(await scene.site()).blueprint.version, await scene.data()]).toEqual([1, scene.since])
    await scene.restore()
    await scene.settle()
    expect([(await scene.site()).blueprint.version, await scene.data()]).toEqual([1, scene.before])
  })

  it('begins it once, however often and by how many it is requested', async () => {
    const scene = await upgraded()
    const [one, other] = await Promise.all([scene.restore(), scene.restore({ operatorId: 'bob' })])
    expect(one?.version).toBe(other?.version)
    await scene.settle()
    const done = await scene.site()
    expect(await scene.restore()).toEqual(done)
    await scene.settle()
    expect(await scene.site()).toEqual(done)
  })

  it('keeps the present version and data if the copy is damaged, and can try again', async () => {
    const scene = await upgraded()
    const begun = await scene.restore()
    const attempt = scene.queue[0]?.attempt
    if (attempt === undefined || !('operation' in begun)) throw new Error('nothing begins')
    await failSwap(scene.ports, attempt, 'ArchiveDamaged')
    const site = await scene.site()
    expect(site).toMatchObject({ blueprint: { version: 2 }, generation: 2, archives: [scene.copy] })
    expect(site).not.toHaveProperty('failedUpgrade')
    scene.queue.splice(0)
    await scene.restore()
    await scene.settle()
    expect((await scene.site()).blueprint.version).toBe(1)
  })

  it('gets the same archive by another attempt, in another directory', async () => {
    const scene = await upgraded()
    await scene.restore()
    await scene.commit(retryOperation(await scene.site(), scene.context()))
    expect((await scene.site()).operation).toMatchObject({
      fence: 2,
      copy: { restores: scene.copy?.id, generation: 4 },
    })
  })
})

describe('a site whose data was restored', () => {
  it('is not moved again by the rest of the same roll-out', async () => {
    const scene = await upgraded()
    const { id } = await scene.open()
    await scene.act('retry')
    await scene.tick()
    await scene.restore()
    await scene.settle()
    expect((await scene.get(id, 'active')).blueprint.version).toBe(2)
    expect((await scene.site()).blueprint.version).toBe(1)
    expect(await scene.rollout()).toMatchObject({ state: 'finished', failed: [] })
  })

  it('is moved again by a retry of the roll-out', async () => {
    const scene = await upgraded()
    await scene.restore()
    await scene.settle()
    scene.passMilliseconds(1000)
    await scene.act('retry')
    await scene.settle()
    const site = await scene.site()
    expect(site).toMatchObject({ blueprint: { version: 2 }, upgradedFrom: 1 })
    expect(site).not.toHaveProperty('failedUpgrade')
  })
})

describe('the restore of a release copy is refused', () => {
  const refused = { kind: 'TransitionNotAllowed' }

  it('for a site without one, for another archive, and for an unknown site', async () => {
    const without = await upgraded({})
    await expect(without.restore()).rejects.toMatchObject({ ...refused, message: /no copy of the kind `release`/ })
    const scene = await upgraded()
    await expect(scene.restore({ archiveId: 'arc_other' })).rejects.toMatchObject({
      ...refused,
      message: `${scene.id} no longer has the copy 'arc_other': its copy of the kind \`release\` is ${scene.copy?.id}.`,
    })
    const act = { siteId: 'nothing', actor: scene.operator('ada'), causationId: 'req_test' }
    await expect(restoreReleaseCopy(scene.ports, act, { archiveId: '', reason })).rejects.toMatchObject({
      kind: 'NotFound',
    })
  })

  it('while the site is suspended', async () => {
    const other = await upgraded()
    await other.commit(suspendSite(await other.site(), { because: 'operator' }, other.context()))
    await expect(other.restore()).rejects.toMatchObject(refused)
  })

  it('during another operation', async () => {
    const scene = await upgraded()
    await scene.restore()
    await expect(scene.restore({ archiveId: 'arc_other' })).rejects.toMatchObject({ kind: 'OperationInProgress' })
  })

  it('while a roll-out still moves the site, until it is paused', async () => {
    const scene = await upgraded()
    await scene.publish(3, {})
    await scene.start({ to: 3 })
    await expect(scene.restore()).rejects.toMatchObject({ ...refused, message: /Pause or abort it first/ })
    await scene.act('pause')
    expect(await scene.restore()).toMatchObject({ operation: { target: { blueprint: { version: 1 } } } })
    await scene.settle()
    await scene.act('resume')
    await scene.settle()
    expect((await scene.site()).blueprint.version).toBe(1)
    expect(await scene.rollout()).toMatchObject({ state: 'finished', total: 0 })
  })
})

it('a site whose owner restores a copy of a former version is upgraded again; one that was taken back is not', async () => {
  const scene = await upgraded()
  await scene.restore()
  const begun = (await scene.site()) as ActiveSite & SiteUnder<'upgrade'>
  const { to } = await scene.rollout()
  const moved = (askedBy: 'owner' | 'operator', blueprint: { urlChange?: 'hook' } = {}) => {
    const operation = { ...begun.operation, copy: { ...begun.operation.copy!, askedBy } }
    const launch = { blueprint, size: { cpu: 0.5, memoryMiB: 256, processes: 64 } }
    const there = { endpoint: { host: '127.0.0.1', port: 4001 }, launch }
    return moveOver({ ...begun, operation }, there, scene.context()).after
  }
  expect(moved('owner')).toMatchObject({ blueprint: { version: 1 } })
  expect(moved('owner')).not.toHaveProperty('upgradedFrom')
  expect(isBehind(moved('owner'), { to })).toBe(true)
  expect(isBehind(moved('operator'), { to })).toBe(false)
  // A product that is told its URL may have a former one in the data.
  expect(moved('owner')).not.toHaveProperty('urlDue')
  expect(moved('owner', { urlChange: 'hook' })).toMatchObject({ urlDue: 'hook' })
})

describe('an owner who restores the copy from before an upgrade', () => {
  const asOwner = async (rollout: (known: Rollout | undefined) => Rollout | undefined = (known) => known) => {
    const scene = await upgraded()
    const { ownership } = await scene.site()
    const ports = {
      ...scene.ports,
      policies: samplePolicies,
      idempotency: { find: async () => undefined },
      rateWindows: { read: async () => [0], count: async () => [1] },
      rollouts: { read: async (name: string) => rollout(await scene.ports.rollouts.read(name)) },
    }
    const act = {
      siteId: scene.id,
      actor: { kind: 'owner', personId: `prsn_${'0'.repeat(26)}` },
      causationId: 'req_test',
    } as const
    const restore = () =>
      restoreOwnCopy(ports, { ...act, accountId: ownership.accountId }, scene.copy?.id ?? 'arc_none')
    return { ...scene, restore }
  }

  it('gets its data and version, and keeps the newer data as a copy of its own', async () => {
    const scene = await asOwner()
    await scene.restore()
    await scene.settle()
    expect(await scene.data()).toEqual(scene.before)
    const site = await scene.site()
    expect(site.archives.map(({ kind }) => kind)).toEqual(['restore', 'release'])
    expect(site).not.toHaveProperty('failedUpgrade')
  })

  it('is refused a version that was withdrawn, and one that a roll-out moves the site from', async () => {
    const withdrawn = await asOwner((known) => known && { ...known, heldBack: [1] })
    await expect(withdrawn.restore()).rejects.toMatchObject({ kind: 'TransitionNotAllowed', message: /withdrawn/ })
    const moving = await asOwner((known) => known && { ...known, state: 'running', to: 3 })
    await moving.publish(3, {})
    await expect(moving.restore()).rejects.toMatchObject({ kind: 'TransitionNotAllowed', message: /still moves/ })
    expect((await moving.site()).operation).toBeUndefined()
  })
})
