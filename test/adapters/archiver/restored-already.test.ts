import { chmod, link, mkdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { copyJob, openScene, restoreJob } from './scene.ts'

const openRestored = async () => {
  const scene = await openScene()
  await mkdir(join(scene.data, 'deep'))
  await writeFile(join(scene.data, 'deep', 'note'), 'a note', { mode: 0o640 })
  await link(join(scene.data, 'deep', 'note'), join(scene.data, 'other name'))
  await symlink('deep/note', join(scene.data, 'link'))
  await scene.attempt(copyJob())
  return { scene, restored: await scene.attempt(restoreJob()) }
}

it('a restore that was cut off before it could say that it was done is done', async () => {
  const { scene, restored } = await openRestored()
  await using _ = scene
  expect(restored).toMatchObject({ state: 'done', files: 3 })
  expect(await scene.attempt(restoreJob())).toEqual(restored)
})

it.each<[string, (fresh: string) => Promise<unknown>]>([
  ['a file more', (fresh) => writeFile(join(fresh, 'later'), 'written since')],
  ['a file less', (fresh) => rm(join(fresh, 'link'))],
  ['other content', (fresh) => writeFile(join(fresh, 'deep', 'note'), 'b note')],
  ['less content', (fresh) => truncate(join(fresh, 'deep', 'note'), 2)],
  ['another mode', (fresh) => chmod(join(fresh, 'deep', 'note'), 0o600)],
  [
    'a file of its own instead of a second name',
    async (fresh) => {
      await rm(join(fresh, 'other name'))
      await writeFile(join(fresh, 'other name'), 'a note', { mode: 0o640 })
    },
  ],
  [
    'a link to another place',
    async (fresh) => {
      await rm(join(fresh, 'link'))
      await symlink('deep', join(fresh, 'link'))
    },
  ],
])('a directory with %s is somebody’s data: nothing is restored into it, or changed', async (_what, change) => {
  const { scene } = await openRestored()
  await using _ = scene
  await change(scene.fresh)
  const refusal = { state: 'failed', error: 'ArchivingFailed' }
  expect(await scene.attempt(restoreJob())).toMatchObject(refusal)
  expect(await scene.attempt(restoreJob('another'))).toMatchObject(refusal)
})
