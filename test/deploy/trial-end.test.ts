import { beforeAll, describe, expect, inject, it } from 'vitest'
import { call } from '../e2e/call.ts'
import { getSite, signIn } from '../e2e/visitor.ts'
import { waitFor } from '../support/wait-for.ts'
import { advance, tick } from './support/clock.ts'
import { entriesOf, type Owner, signUp, visit, writeEntry } from './support/visitor.ts'

const front = { port: inject('port') }

describe('a trial that nobody pays for', () => {
  let owner: Owner
  beforeAll(async () => {
    owner = await signUp(front, 'ending')
    await writeEntry(front, owner, 'before')
  })

  /** Signs in first: sessions end after weeks. */
  const act = async (method: string, path: string, body?: object) => {
    const { bearer: headers } = await signIn(front, owner.email)
    return call(front, { method, path: `/v1/sites/${owner.siteId}${path}`, headers, ...(body && { body }) })
  }

  /** Lets days pass in steps that the brake does not take for a jump of the clock, and none while the site changes. */
  const passUntil = async (wanted: string) => {
    const { bearer } = await signIn(front, owner.email)
    await waitFor(async () => {
      const { status, operation } = await getSite(front, { bearer }, owner.siteId)
      if (operation === null && status === wanted) return true
      if (operation === null) {
        await advance(5 * 3_600_000)
        await tick('act-on-deadlines')
      } else {
        // Nothing else tells the end of a task: the emulator sends no events of ECS.
        await tick('complete-jobs')
      }
      return false
    })
  }

  it('is suspended at its end, and its visitors see a page', async () => {
    await passUntil('suspended')
    await waitFor(async () => (await visit(front, owner)).status !== 200)
  })

  it('is archived after the days of grace', async () => {
    await passUntil('archived')
  })

  it('comes back with its data when its owner resumes it', async () => {
    const resumed = await act('POST', '/resume')
    expect(resumed.status, resumed.text).toBe(202)
    await passUntil('active')
    expect(await waitFor(() => entriesOf(front, owner))).toEqual(['before'])
  })

  it('is purged days after its owner deletes it', async () => {
    const deleted = await act('DELETE', '', { confirm: 'ending.example.net' })
    expect(deleted.status, deleted.text).toBeLessThan(300)
    await passUntil('purged')
    const gone = await waitFor(async () => {
      const answer = await visit(front, owner)
      // The load balancer of the emulator gave this once, where it could not connect to a router in time.
      return answer.status !== 502 && answer
    })
    expect(gone.status, gone.text).toBe(404)
  })
})
