import { ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs'
import { beforeAll, describe, expect, inject, it } from 'vitest'
import { getSite } from '../e2e/visitor.ts'
import { waitFor } from '../support/wait-for.ts'
import { advance, tick } from './support/clock.ts'
import { entriesOf, type Owner, signUp, statusIs, visit, writeEntry } from './support/visitor.ts'

const front = { port: inject('port') }

const tasksOf = async ({ siteId }: Owner): Promise<readonly string[]> => {
  const asked = new ListTasksCommand({ cluster: 'sitewright-production-a', serviceName: siteId })
  return (await new ECSClient().send(asked)).taskArns ?? []
}

describe('a site that nobody uses', () => {
  let owner: Owner
  beforeAll(async () => {
    owner = await signUp(front, 'sleeper')
    await writeEntry(front, owner, 'before')
  })

  it('falls asleep, and its task ends', async () => {
    // A longer jump would count as one, and every site as used.
    await waitFor(async () => {
      await advance(100_000)
      await tick('sleep-idle-sites')
      return (await getSite(front, owner, owner.siteId)).status === 'asleep'
    })
    await waitFor(async () => (await tasksOf(owner)).length === 0)
  })

  it('wakes for the next visitor, with its data', async () => {
    await waitFor(async () => (await visit(front, owner)).status === 200)
    await statusIs(front, owner, 'active')
    expect(await entriesOf(front, owner)).toEqual(['before'])
  })
})
