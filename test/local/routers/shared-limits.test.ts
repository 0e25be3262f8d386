import { describe, expect, it } from 'vitest'
import type { TrafficAnswer, TrafficQuestion } from '../../../local/routers/router-messages.ts'
import { createSharedTraffic, reportMilliseconds } from '../../../local/routers/shared-traffic.ts'
import { createTrafficCoordinator } from '../../../local/routers/traffic-coordinator.ts'
import type { Exhausted } from '../../../router/site-traffic.ts'

const siteId = 'site_01jq3v5k8m0000000000000000'
const limits = { requestsPerMinute: 600, bandwidthMiBPerMinute: 100, connections: 50, uploadMiB: 1, storageMiB: 1 }

/** Some routers and their coordinator, on a clock of their own. Messages take a turn, in order, as between processes. */
const openRouters = (count: number, roomForOthers = 0) => {
  let milliseconds = 1_000_000
  const now = () => milliseconds
  const coordinator = createTrafficCoordinator({ now, roomForOthers })
  let messages = 0
  const open = () => {
    const member = coordinator.join((answer: TrafficAnswer) => {
      queueMicrotask(() => router.hear(structuredClone(answer)))
    })
    const send = (question: TrafficQuestion): void => {
      messages += 1
      const copy = structuredClone(question)
      queueMicrotask(() => member.take(copy))
    }
    const router = createSharedTraffic({ routers: count, send, now })
    return { ...router, site: router.traffic.of(siteId), end: member.leave }
  }
  const routers = Array.from({ length: count }, open)
  return {
    routers,
    open,
    messages: () => messages,
    pass: async (elapsed: number) => {
      for (let passed = 0; passed < elapsed; passed += reportMilliseconds) {
        milliseconds += reportMilliseconds
        for (const router of routers) router.report()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

type Scene = ReturnType<typeof openRouters>

/** Requests that begin and end at once. @returns how many were admitted. */
const ask = async ({ routers }: Scene, times: number, clientOf: (index: number) => string): Promise<number> => {
  let admitted = 0
  for (let index = 0; index < times; index += 1) {
    const site = routers[(index * 7) % routers.length]?.site
    const client = clientOf(index)
    if ((await site?.enter(limits, client)) !== undefined) continue
    admitted += 1
    site?.leave(client)
  }
  return admitted
}

describe.each([1, 2, 4])('the limits of a site with %i routers', (count) => {
  it('hold over all of them, and nobody is refused below', async () => {
    const scene = openRouters(count)
    let admitted = 0
    for (let tick = 0; tick < 300; tick += 1) {
      admitted += await ask(scene, 20, () => `10.0.0.${tick % 200}`)
      await scene.pass(reportMilliseconds)
    }
    expect(admitted).toBeGreaterThanOrEqual(600)
    expect(admitted).toBeLessThanOrEqual(618)
    // A minute after the first ones there is room again.
    await scene.pass(60_000)
    expect(await ask(scene, 100, () => '10.0.0.1')).toBe(100)
  })

  it('hold in a burst between two reports', async () => {
    const scene = openRouters(count)
    expect(await ask(scene, 2000, () => '10.0.0.1')).toBeLessThanOrEqual(618)
  })

  it('hold where many ask before the first is answered', async () => {
    const scene = openRouters(count)
    const clients = Array.from({ length: 150 }, () => ask(scene, 20, (index) => `10.0.0.${index}`))
    const admitted = (await Promise.all(clients)).reduce((sum, each) => sum + each, 0)
    expect(admitted).toBeLessThanOrEqual(618)
  })

  it('bound connections that are opened at once', async () => {
    const scene = openRouters(count)
    const many = { ...limits, requestsPerMinute: 1e6 }
    const asked = Array.from({ length: 200 }, (_, index) => scene.routers[index % count]?.site.enter(many, '10.0.0.1'))
    const entered = (await Promise.all(asked)).filter((exhausted) => exhausted === undefined).length
    expect(entered).toBeGreaterThanOrEqual(50)
    expect(entered).toBeLessThanOrEqual(50 + count)
  })

  it('bound the connections that are open at once', async () => {
    const scene = openRouters(count)
    const entered: (() => void)[] = []
    let refused: Exhausted | undefined
    for (let index = 0; index < 200; index += 1) {
      const site = scene.routers[index % count]?.site
      const exhausted = await site?.enter({ ...limits, requestsPerMinute: 1e6 }, `10.0.0.${index}`)
      if (exhausted === undefined) entered.push(() => site?.leave(`10.0.0.${index}`))
      else refused = exhausted
      if (index % 20 === 0) await scene.pass(reportMilliseconds)
    }
    expect(entered.length).toBeGreaterThanOrEqual(50)
    expect(entered.length).toBeLessThanOrEqual(50 + count)
    expect(refused).toMatchObject({ what: 'connections' })
    for (const leave of entered) leave()
    await scene.pass(200)
    expect(await ask(scene, 50, () => '10.0.0.1')).toBe(50)
  })

  it('refuse new requests once all have carried so many bytes', async () => {
    const scene = openRouters(count)
    for (const { site } of scene.routers) await site.enter(limits, '10.0.0.1')
    for (let tick = 0; tick < 101; tick += 1) {
      scene.routers[tick % count]?.site.carry(1_048_576, '10.0.0.1')
      await scene.pass(reportMilliseconds)
    }
    expect(await scene.routers[0]?.site.enter(limits, '10.0.0.2')).toMatchObject({ what: 'bandwidth' })
  })

  it('leave room for a client below its share', async () => {
    const scene = openRouters(count, 1)
    await ask(scene, 2000, () => '10.0.0.1')
    expect(await ask(scene, 100, () => '10.0.0.2')).toBe(100)
    await scene.pass(1000)
    expect(await ask(scene, 100, () => '10.0.0.1')).toBe(0)
  })
})

it('closes the oldest connection of the greediest client for another one, at whichever router it is', async () => {
  const scene = openRouters(2, 0.1)
  const [first, second] = scene.routers
  const closed: number[] = []
  for (let index = 0; index < 55; index += 1) {
    const close = (): void => {
      closed.push(index)
      first?.site.leave('10.0.0.1', close)
    }
    await first?.site.enter({ ...limits, requestsPerMinute: 1e6 }, '10.0.0.1', close)
    await scene.pass(reportMilliseconds)
  }
  for (let index = 0; index < 8; index += 1) {
    expect(await second?.site.enter({ ...limits, requestsPerMinute: 1e6 }, '10.0.0.2')).toBeUndefined()
    await scene.pass(reportMilliseconds)
  }
  expect(closed.length).toBeGreaterThan(0)
  expect(closed).toEqual(closed.map((_, index) => index))
})

it('gives back what a router held when it ends', async () => {
  const scene = openRouters(2)
  const [first, second] = scene.routers
  const many = { ...limits, requestsPerMinute: 1e6 }
  for (let index = 0; index < 50; index += 1) await first?.site.enter(many, '10.0.0.1')
  await scene.pass(reportMilliseconds)
  // A router asks from its second request on.
  await second?.site.enter(many, '10.0.0.2')
  await scene.pass(reportMilliseconds)
  expect(await second?.site.enter(many, '10.0.0.2')).toMatchObject({ what: 'connections' })
  first?.end()
  await scene.pass(200)
  expect(await second?.site.enter(many, '10.0.0.2')).toBeUndefined()
})

it('asks nothing for sites with few visitors, and reports a few times a second at most', async () => {
  const scene = openRouters(2)
  for (let second = 0; second < 20; second += 1) {
    await ask(scene, 1, () => '10.0.0.1')
    await scene.pass(1000)
  }
  expect(scene.messages()).toBeLessThanOrEqual(40)
})

it('admits by itself what is not answered, and counts it once', async () => {
  const sent: TrafficQuestion[] = []
  const send = (question: TrafficQuestion) => void sent.push(question)
  const { traffic, hear, report } = createSharedTraffic({ routers: 1, send, now: () => 0, answerMilliseconds: 10 })
  const few = { ...limits, requestsPerMinute: 1 }
  const site = traffic.of(siteId)
  const asked = ['10.0.0.1', '10.0.0.1', '10.0.0.1'].map((client) => site.enter(few, client))
  expect(await Promise.all(asked)).toEqual([undefined, undefined, undefined])
  hear({ answer: 1, lease: { siteId, requests: 0, connections: 0, isTight: true } })
  report()
  expect(sent).toMatchObject([
    { ask: 1, report: { clients: [['10.0.0.1', 1, 0, 1, 0]] } },
    { reports: [{ clients: [['10.0.0.1', 1, 0, 1, 0]] }] },
  ])
})
