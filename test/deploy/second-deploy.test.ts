import { setTimeout as pause } from 'node:timers/promises'
import { expect, inject, it } from 'vitest'
import { call } from '../e2e/call.ts'
import { deploy } from './support/deploy.ts'
import { openRelease } from './support/release.ts'
import { entriesOf, signUp, visit } from './support/visitor.ts'

const front = { port: inject('port') }

it('a second deploy of a changed release fails no request of a client that writes meanwhile', async () => {
  const owner = await signUp(front, 'busy')
  const release = openRelease(inject('release'))
  await release.edit(['sleepAfterMinutes: 1', 'sleepAfterMinutes: 2'])
  await release.changeCode()

  let isDeployed = false
  const written: string[] = []
  const failed: string[] = []
  const writing = (async () => {
    // No faster than what the limits of people allow.
    for (; !isDeployed || written.length === 0; await pause(200)) {
      const text = `entry ${written.length}`
      const entry = await visit(front, owner, '/api/entries', { method: 'POST', body: { text } })
      if (entry.status === 201) written.push(text)
      else failed.push(`site: ${entry.status} ${entry.text}`)
      const asked = await call(front, { path: `/v1/sites/${owner.siteId}`, headers: owner.bearer })
      if (asked.status !== 200) failed.push(`API: ${asked.status} ${asked.text}`)
    }
  })()
  const { changed } = await deploy(release, front)
  isDeployed = true
  await writing
  // All functions, the versions that the API calls, and the router.
  const stacks = ['control', 'api', 'edge'].map((part) => `sitewright-production-${part}`)
  expect(changed).toEqual(expect.arrayContaining(stacks))
  expect(failed).toEqual([])
  const listed = (await entriesOf(front, owner)) ?? []
  expect(listed.toSorted()).toEqual(written.slice(-50).toSorted())
})
