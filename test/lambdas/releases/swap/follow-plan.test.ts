import { describe, expect, it } from 'vitest'
import { endOperation } from '../../../../core/site/change-site.ts'
import { placeOf } from '../../../../core/site/location.ts'
import { beginCopy } from '../../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { resumeAsOperator } from '../../../../lambdas/endings/resume-site.ts'
import { isPlanChangeDue } from '../../../../lambdas/releases/swap/follow-plan.ts'
import { followTask } from '../../../../lambdas/sites/run/follow-task.ts'
import { launchOf } from '../../../../lambdas/sites/run/prepare-launch.ts'
import { changeAddress } from '../../../../lambdas/sites/run/run-changes.ts'
import { planScene } from './plan-scene.ts'

describe('a plan of another size', () => {
  it('begins a change of size, from what the site runs with', async () => {
    const scene = await planScene('exclusive')
    await scene.changePlan('growth')
    await scene.follow('trial')
    const site = await scene.now()
    expect(site).toMatchObject({
      size: scene.sizeOf('trial'),
      operation: { kind: 'upgrade', target: { size: scene.sizeOf('growth') }, fence: 1 },
    })
    expect(scene.started).toEqual([`upgrade-site-${site.id}-${site.version}-1`])
  })

  it('begins one change of size for repeated events', async () => {
    const scene = await planScene('exclusive')
    await scene.changePlan('growth')
    for (let time = 0; time < 3; time += 1) await scene.follow('trial')
    expect(scene.started).toHaveLength(1)
  })

  const unnoted = async () => {
    const scene = await planScene('exclusive')
    const { size: _, ...site } = await scene.now()
    await scene.store.sites.commit({
      ...beginCopy(site, scene.context()),
      after: { ...site, version: site.version + 1 },
    })
    expect(await scene.now()).not.toHaveProperty('size')
    return scene
  }
  const isDue = async (scene: Awaited<ReturnType<typeof unnoted>>) =>
    isPlanChangeDue(await scene.now(), scene.ports.plans, scene.ports.clocks.wall())

  it('gives a size to a site without a recorded size', async () => {
    const scene = await unnoted()
    await scene.changePlan('growth')
    await scene.follow('starter')
    expect(await scene.now()).toMatchObject({ size: scene.sizeOf('starter'), operation: { kind: 'upgrade' } })
  })

  it('gives a size to a site without a recorded size and without the previous plan', async () => {
    const scene = await unnoted()
    await scene.changePlan('growth')
    // The event of the change was lost: the sweep finds it.
    expect(await isDue(scene)).toBe(true)
    await scene.follow()
    expect(await scene.now()).toMatchObject({
      size: scene.sizeOf('trial'),
      operation: { kind: 'upgrade', target: { size: scene.sizeOf('growth') } },
    })
    expect(scene.started).toHaveLength(1)
  })

  it('gives a size to a site without a recorded size after another operation', async () => {
    const scene = await unnoted()
    await scene.commit(beginCopy(await scene.now(), scene.context()))
    await scene.changePlan('growth')
    await scene.follow('trial')
    expect(await isDue(scene)).toBe(false)
    await scene.commit(endOperation(await scene.now(), 'done', scene.context()))
    await scene.follow()
    expect(await scene.now()).toMatchObject({
      operation: { kind: 'upgrade', target: { size: scene.sizeOf('growth') } },
    })
  })

  it('is noted, without a visitor sent elsewhere, where the site runs with it already', async () => {
    const scene = await unnoted()
    await scene.changePlan('growth')
    // As its starter does, which uses the plan where nothing is noted.
    await scene.ports.runtime.start(await launchOf(scene.ports, await scene.now()))
    const endpoint = await scene.ports.runtime.locate(placeOf(scene.site))
    const change = changeAddress(await scene.now(), endpoint, scene.context())
    if (change !== undefined) await scene.commit(change)
    await scene.follow()
    await scene.makeWay()
    await scene.move()
    await scene.leave()
    expect(await scene.now()).toMatchObject({ size: scene.sizeOf('growth'), endpoint })
    expect(await isDue(scene)).toBe(false)
  })

  it('leaves a trial without a recorded size alone', async () => {
    const scene = await unnoted()
    const before = await scene.now()
    expect(await isDue(scene)).toBe(false)
    await scene.follow()
    expect(await scene.now()).toEqual(before)
  })

  it('waits for the end of the running operation', async () => {
    const scene = await planScene('exclusive')
    await scene.commit(beginCopy(await scene.now(), scene.context()))
    await scene.changePlan('growth')
    await scene.follow('trial')
    const copied = await scene.now()
    expect(copied.operation).toMatchObject({ kind: 'copy' })
    await scene.commit(endOperation(copied, 'done', scene.context()))
    await scene.follow()
    expect((await scene.now()).operation).toMatchObject({ kind: 'upgrade' })
  })

  it('means nothing to a site that does not run', async () => {
    const scene = await planScene('exclusive')
    const site = await scene.now()
    await scene.commit(suspendSite(site, { because: 'operator' }, scene.context()))
    await scene.follow('trial')
    const suspended = await scene.get(site.id, 'suspended')
    expect(suspended.operation).toMatchObject({ kind: 'suspend' })
    // It will be started with whatever its plan is then.
    expect(suspended).not.toHaveProperty('size')
  })

  it('means nothing to a site that is resumed with it, also if another than its starter finds it answering first', async () => {
    const scene = await planScene('exclusive')
    await scene.changePlan('growth')
    await scene.commit(suspendSite(await scene.now(), { because: 'operator' }, scene.context()))
    const { id } = scene.site
    await scene.commit(endOperation(await scene.get(id, 'suspended'), 'done', scene.context()))
    await resumeAsOperator(scene.ports, { ...scene.context(), siteId: id }, { reason: 'They paid.' })
    await scene.ports.runtime.start(await launchOf(scene.ports, await scene.now()))
    expect(scene.running()).toEqual([scene.sizeOf('growth')])
    const endpoint = (await scene.ports.runtime.locate(placeOf(scene.site)))!
    const news = { ...placeOf(scene.site), endpoint, isEnding: false }
    await followTask({ ...scene.ports, pollMilliseconds: 1 }, news, 'evt_task')
    await scene.follow()
    const resumed = await scene.now()
    expect(resumed).toMatchObject({ endpoint, size: scene.sizeOf('growth') })
    expect(resumed).not.toHaveProperty('operation')
  })

  it('waits an hour after a failure, unless the plan changes', async () => {
    const scene = await planScene('exclusive')
    await scene.changePlan('growth')
    await scene.follow('trial')
    await scene.makeWay()
    await scene.fail('LaunchFailed')
    await scene.follow()
    const failed = await scene.now()
    expect(failed.operation).toBeUndefined()
    const { plans, clocks } = scene.ports
    expect(isPlanChangeDue(failed, plans, clocks.wall())).toBe(false)
    scene.waitFor(60 * 60_000)
    expect(isPlanChangeDue(failed, plans, clocks.wall())).toBe(true)
    await scene.changePlan('enterprise')
    await scene.follow('growth')
    expect(await scene.now()).toMatchObject({
      operation: { kind: 'upgrade', target: { size: scene.sizeOf('enterprise') } },
    })
    expect(await scene.now()).not.toHaveProperty('planNotBefore')
  })
})

it('does nothing for a plan of the same size', async () => {
  const scene = await planScene('exclusive')
  const { size } = scene.ports.plans.trial
  const plans = scene.ports.plans.plans.map((plan) => ({ ...plan, size }))
  const same = { ...scene.ports.plans, plans }
  await scene.changePlan('growth')
  expect(isPlanChangeDue(await scene.now(), same, scene.ports.clocks.wall())).toBe(false)
})
