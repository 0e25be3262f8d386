import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'

const run = (environment: Readonly<Record<string, string>>) =>
  promisify(execFile)(process.execPath, ['bin/backup.ts'], {
    env: { PATH: process.env['PATH'], RESTIC_PASSWORD: 'for this test', ...environment },
  })

it.each([
  ['by its path', (home: string) => ({ RESTIC_REPOSITORY: join(home, 'backup') })],
  ['by a link', (home: string) => ({ RESTIC_REPOSITORY: `local:${home}-link/backup` })],
  ['in a file', (home: string) => ({ RESTIC_REPOSITORY_FILE: `${home}-file` })],
])('a repository in the home is refused and stays as it is, if it is named %s', async (_, named) => {
  await using directory = await temporaryDirectory()
  const home = join(directory.path, 'home')
  await mkdir(join(home, 'backup'), { recursive: true })
  await writeFile(join(home, 'backup/config'), 'all backups until now')
  await writeFile(join(home, 'home.json'), JSON.stringify({ homeId: '0123456789abcdef' }))
  await symlink(home, `${home}-link`)
  await writeFile(`${home}-file`, `${home}/backup\n`)
  await expect(run({ SITEWRIGHT_HOME: home, ...named(home) })).rejects.toMatchObject({
    stderr: expect.stringContaining('the repository of restic is in the home'),
  })
  expect(await readFile(join(home, 'backup/config'), 'utf8')).toBe('all backups until now')
})

it('a repository beside the home, or on another machine, is not refused for its place', async () => {
  await using directory = await temporaryDirectory()
  const home = join(directory.path, 'home')
  await mkdir(home)
  for (const repository of [`${home}-backup`, 's3:https://storage.example/bucket', 'sftp:user@host:/srv/backup']) {
    await expect(run({ SITEWRIGHT_HOME: home, RESTIC_REPOSITORY: repository })).rejects.toMatchObject({
      stderr: expect.stringContaining('is not the home of a host'),
    })
  }
})
