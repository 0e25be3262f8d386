import { expect, it } from 'vitest'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { containerPauses, takeBackupLock } from '../../../local/backup/pause-containers.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'

/** An engine with containers that are paused. */
const engineWith = (...paused: string[]) => {
  const states = new Map(paused.map((id) => [id, 'paused']))
  const calls = {
    listContainers: async ({ filters }: { filters: { status: string[] } }) =>
      [...states].filter(([, state]) => filters.status.includes(state)).map(([Id]) => ({ Id })),
    getContainer: (id: string) => ({ unpause: async () => void states.set(id, 'running') }),
  }
  return { pauses: containerPauses({ calls } as unknown as Engine, '0123456789abcdef'), states }
}

it('sites that a killed backup left paused continue', async () => {
  await using home = await temporaryDirectory()
  const { pauses, states } = engineWith('web', 'database')
  await pauses.resumeLeft(home.path)
  expect([...states.values()]).toEqual(['running', 'running'])
  const release = takeBackupLock(home.path)
  expect(release).toBeDefined()
  release?.()
})

it('a site that a backup has paused stays so while the backup runs', async () => {
  await using home = await temporaryDirectory()
  const release = takeBackupLock(home.path)
  const { pauses, states } = engineWith('web')
  await pauses.resumeLeft(home.path)
  expect([...states.values()]).toEqual(['paused'])
  release?.()
  await pauses.resumeLeft(home.path)
  expect([...states.values()]).toEqual(['running'])
})
