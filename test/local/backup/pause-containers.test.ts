import { expect, it } from 'vitest'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { containerPauses, takeBackupLock } from '../../../local/backup/pause-containers.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { newSiteId } from '../../support/probe-launch.ts'

/** An engine with containers that are paused, and one that runs and whose pauses fail so often; resumes of `web` may fail too. */
const engineWith = (paused: string[], failures = 0, failedResumes = 0) => {
  const states = new Map(paused.map((id) => [id, 'paused']))
  if (failures > 0) states.set('running', 'running')
  let left = failures
  let leftResumes = failedResumes
  const calls = {
    listContainers: async ({ filters }: { filters: { status: string[] } }) =>
      [...states].filter(([, state]) => filters.status.includes(state)).map(([Id]) => ({ Id })),
    getContainer: (id: string) => ({
      unpause: async () => {
        if (id === 'web') leftResumes -= 1
        if (id === 'web' && leftResumes >= 0) throw Object.assign(new Error('unable to thaw'), { statusCode: 500 })
        states.set(id, 'running')
      },
      pause: async () => {
        left -= 1
        if (left >= 0) throw Object.assign(new Error('unable to freeze'), { statusCode: 500 })
        states.set(id, 'paused')
      },
    }),
  }
  return { pauses: containerPauses({ calls } as unknown as Engine, '0123456789abcdef'), states }
}

it('sites that a killed backup left paused continue', async () => {
  await using home = await temporaryDirectory()
  const { pauses, states } = engineWith(['web', 'database'])
  await pauses.resumeLeft(home.path)
  expect([...states.values()]).toEqual(['running', 'running'])
  const release = takeBackupLock(home.path)
  expect(release).toBeDefined()
  release?.()
})

it('a site that a backup has paused stays so while the backup runs', async () => {
  await using home = await temporaryDirectory()
  const release = takeBackupLock(home.path)
  const { pauses, states } = engineWith(['web'])
  await pauses.resumeLeft(home.path)
  expect([...states.values()]).toEqual(['paused'])
  release?.()
  await pauses.resumeLeft(home.path)
  expect([...states.values()]).toEqual(['running'])
})

it('a pause that fails is tried again, and a site whose pauses all fail continues', async () => {
  const siteId = newSiteId()
  const transient = engineWith([], 2)
  const resume = await transient.pauses.pauseOf(siteId)()
  expect([...transient.states.values()]).toEqual(['paused'])
  await resume()
  expect([...transient.states.values()]).toEqual(['running'])
  const lasting = engineWith([], 3)
  await expect(lasting.pauses.pauseOf(siteId)()).rejects.toThrow('unable to freeze')
  expect([...lasting.states.values()]).toEqual(['running'])
})

it('a resume that fails is tried again, and one whose tries all fail keeps no other site paused', async () => {
  const transient = engineWith(['web'], 0, 2)
  await transient.pauses.resumeAll()
  expect([...transient.states.values()]).toEqual(['running'])
  const lasting = engineWith(['web', 'database'], 0, 3)
  await expect(lasting.pauses.resumeAll()).rejects.toThrow('unable to thaw')
  expect([...lasting.states.values()]).toEqual(['paused', 'running'])
})
