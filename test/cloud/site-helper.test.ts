import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const program = fileURLToPath(new URL('../../cloud/site-helper.ts', import.meta.url))

const run = (work: string, env: Record<string, string>) =>
  promisify(execFile)(process.execPath, [program, work], { env })

const openDirectory = async (): Promise<string> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-helper-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

test('writes the files of a container with its secrets, for their owner to read, and says nothing', async () => {
  const FILES_TO = await openDirectory()
  const FILES = JSON.stringify({ 'a.conf': 'key ${secret.KEY}; $$$${secret.KEY}', b: '' })
  const { stdout, stderr } = await run('files', { FILES, FILES_TO, SECRET_KEY: 'of $$ the site' })
  expect(await readFile(join(FILES_TO, 'a.conf'), 'utf8')).toBe('key of $$ the site; $${secret.KEY}')
  expect((await readdir(FILES_TO)).toSorted()).toEqual(['a.conf', 'b'])
  expect((await stat(join(FILES_TO, 'a.conf'))).mode & 0o777).toBe(0o400)
  expect(stdout + stderr).toBe('')
})

test('fails without telling secrets', async () => {
  const failed = run('files', { FILES: '{', FILES_TO: '/nowhere', SECRET_KEY: 'hunter2' })
  await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.not.stringContaining('hunter2') })
  await expect(run('else', {})).rejects.toThrow("there is no work 'else'")
})
