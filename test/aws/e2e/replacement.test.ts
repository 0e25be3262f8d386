import { setTimeout as pause } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { documentClient } from '../../../adapters/dynamodb/client.ts'
import { getItem, type Item } from '../../../adapters/dynamodb/item.ts'
import { siteKey } from '../../../adapters/dynamodb/keys.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import type { SiteId } from '../../../core/ids.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { askProbe } from '../../support/probe-launch.ts'
import { waitFor } from '../../support/wait-for.ts'
import type { PlayedTask } from '../support/played-service.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import { type Installation, openInstallation, siteIdOf, sitesDomain } from './installation.ts'
import { openTaskEngine } from './task-engine.ts'

vi.mock('../../../cloud/parts/waiting.ts', () => import('../support/hasty-waiting.ts'))

const engine = await openTaskEngine()

describe('a task that AWS replaces', () => {
  let installation: Installation
  const sites = new Map<string, SiteId>()

  beforeAll(async () => {
    installation = await openInstallation({ blueprint: probeBlueprint({ name: 'welcome', health: 'well' }), engine })
    await Promise.all(
      ['acme', 'other'].map(async (slug) => {
        const owner = await installation.signIn(`owner@${slug}.example`)
        sites.set(slug, siteIdOf((await installation.buildSite(owner, slug)).json))
      }),
    )
    await installation.world.settled()
  })
  afterAll(() => installation.close())

  const recordedAt = async (slug: string): Promise<Endpoint | undefined> => {
    const site = await installation.world.sites.get(sites.get(slug)!)
    if (site?.status !== 'active') throw new Error(`${slug} is ${site?.status}`)
    return site.endpoint
  }
  const versionOf = async (slug: string) => (await installation.world.sites.get(sites.get(slug)!))?.version
  const instanceOf = async (slug: string): Promise<unknown> => {
    const answer = await installation.visit(slug, '/instance')
    return answer.status === 200 ? answer.json['value'] : `${answer.status} ${answer.json['type']}`
  }
  /** The stored record of a site, read and written beside the installation. */
  const openRecord = (slug: string) => {
    const { aws, tables } = installation.world
    const client = new DynamoDBClient({ ...aws.settings, endpoint: aws.endpoint })
    onTestFinished(() => client.destroy())
    const documents = documentClient(client)
    const TableName = tablesOf(tables).main
    return {
      record: () => getItem(documents, TableName, siteKey(sites.get(slug)!)),
      replaceRecord: (Item: Item | undefined) => documents.send(new PutCommand({ TableName, Item })),
    }
  }
  const restarting = '503 urn:sitewright:problem:site-restarting'

  /** Interrupts a site's task, and waits until there is another one that runs. */
  const replace = async (slug: string): Promise<PlayedTask> => {
    const { fargate } = installation.world.aws
    const before = fargate.tasksOf(sites.get(slug)!).length
    fargate.interrupt(sites.get(slug)!)
    return waitFor(async () =>
      fargate
        .tasksOf(sites.get(slug)!)
        .slice(before)
        .find(({ lastStatus }) => lastStatus === 'RUNNING'),
    )
  }

  /** The events of a site that follow-task missed until its new task runs, in the order that they came. */
  const missed = async (slug: string, next: PlayedTask): Promise<readonly TaskChange[]> => {
    const changes: TaskChange[] = []
    await waitFor(async () => {
      changes.push(...((await installation.events.take('await-site')) as readonly TaskChange[]))
      return changes.some(({ detail }) => detail.taskArn === next.taskArn && detail.lastStatus === 'RUNNING')
    })
    const ofSite = changes.filter(({ detail }) => detail.group === `service:${sites.get(slug)}`)
    // An earlier replacement's events may come late: they end with its own new task.
    const earlier = ofSite.findLastIndex(
      ({ detail }) => detail.desiredStatus === 'RUNNING' && detail.taskArn !== next.taskArn,
    )
    return ofSite.slice(earlier + 1)
  }
  const follow = async (changes: readonly TaskChange[]): Promise<void> => {
    for (const change of changes) await installation.world.invoke('await-site', change)
  }

  it('loses its route when it begins to stop, though it still answers, and its successor gets it', async () => {
    const { fargate } = installation.world.aws
    const former = (await recordedAt('acme'))!
    const [before, other] = [await instanceOf('acme'), await instanceOf('other')]
    const letEnd = fargate.holdEnds()
    onTestFinished(letEnd)
    fargate.interrupt(sites.get('acme')!)
    await waitFor(async () => (await instanceOf('acme')) === restarting)
    expect(await recordedAt('acme')).toBeUndefined()
    expect((await askProbe(former, '/instance')).value).toBe(before)
    expect(await instanceOf('other')).toBe(other)

    letEnd()
    const seen = new Set<unknown>()
    const after = await waitFor(async () => {
      const instance = await instanceOf('acme')
      seen.add(instance)
      return instance === restarting ? undefined : instance
    })
    expect([...seen]).toEqual([restarting, after])
    const task = fargate.tasksOf(sites.get('acme')!).at(-1)
    expect(await recordedAt('acme')).toEqual({ host: task?.host, port: former.port })
    expect(task?.host).not.toBe(former.host)
    expect((await askProbe((await recordedAt('acme'))!, '/instance')).value).toBe(after)
    expect(after).not.toBe(before)
    expect(installation.events.failures()).toEqual([])
  })

  it.each([
    ['twice each', (changes: readonly TaskChange[]) => changes.flatMap((change) => [change, change])],
    [
      'twice each, and the last first',
      (changes: readonly TaskChange[]) => changes.flatMap((change) => [change, change]).toReversed(),
    ],
  ])('ends alike when its events come %s', async (_, inOrder) => {
    const { events } = installation
    const { port } = (await recordedAt('acme'))!
    onTestFinished(await events.hold('await-site'))
    const next = await replace('acme')
    const changes = await missed('acme', next)
    // ECS starts the next task while the former one still ends.
    expect(changes.map(({ detail }) => detail.desiredStatus)).toEqual(['STOPPED', 'RUNNING', 'STOPPED', 'RUNNING'])
    await follow(inOrder(changes))
    expect(await recordedAt('acme')).toEqual({ host: next.host, port })
    const version = await versionOf('acme')
    await follow(inOrder(changes))
    expect(await versionOf('acme')).toBe(version)
    // A router remembers for a second where the site was; what is there by then is not a site's business here.
    const { value } = await askProbe({ host: next.host, port }, '/instance')
    await waitFor(async () => (await instanceOf('acme')) === value)
  })

  it("sends no visitor to the site that has its address now: the router's memory fails there, and it asks again", async () => {
    const { world, events, visit, beforeCalls } = installation
    const [acme, other] = [(await recordedAt('acme'))!, (await recordedAt('other'))!]
    onTestFinished(await events.hold('await-site'))
    const acmeNext = await replace('acme')
    const changes = await missed('acme', acmeNext)
    world.aws.fargate.placeNextAt(acme.host)
    const otherNext = await replace('other')
    const otherChanges = await missed('other', otherNext)
    expect(otherNext.host).toBe(acme.host)
    const intruder = await waitFor(async () =>
      askProbe({ host: acme.host, port: other.port }, '/instance').then(
        ({ value }) => value,
        () => undefined,
      ),
    )
    expect(intruder).toMatch(/^[0-9a-f-]{36}$/)

    // Nobody has told the router, nor the table that it asks: both still hold what was the other site's address first.
    expect(await recordedAt('acme')).toEqual(acme)
    expect(await visit('acme', '/instance')).toMatchObject({
      status: 502,
      json: { type: 'urn:sitewright:problem:site-unreachable' },
    })

    // Told while it asks again, it finds the site within the same request. Each lookup may take 1.5 s only, and `follow` takes longer on
    // a busy machine: so it has happened before, and the hook alone puts its result in place.
    const { record, replaceRecord } = openRecord('acme')
    const outdated = await record()
    await follow(changes)
    const followed = await record()
    await replaceRecord(outdated)
    await pause(rememberedMilliseconds)
    let lookups = 0
    let replacing: Promise<unknown> | undefined
    beforeCalls(async (operation, body) => {
      if (operation !== 'dynamodb.GetItem' || !body.includes(`HOST#acme.${sitesDomain}`)) return
      lookups += 1
      // The client of DynamoDB repeats a slow request.
      if (lookups >= 2) replacing ??= replaceRecord(followed)
      await replacing
    })
    const found = await instanceOf('acme')
    beforeCalls(() => undefined)
    expect(lookups).toBeGreaterThanOrEqual(2)
    expect(found).toBe((await askProbe({ host: acmeNext.host, port: acme.port }, '/instance')).value)
    expect(found).not.toBe(intruder)

    await follow(otherChanges)
    expect(await recordedAt('other')).toEqual({ host: acme.host, port: other.port })
    expect(await instanceOf('other')).toBe(intruder)
  })
})

/** The part of an "ECS Task State Change" that the test reads. */
interface TaskChange {
  readonly detail: {
    readonly taskArn: string
    readonly group: string
    readonly desiredStatus: string
    readonly lastStatus: string
  }
}

/** A little more than the router remembers a site for. */
const rememberedMilliseconds = 1100
