import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, stat } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { directoryForTest } from '../support/temporary-directories.ts'
import { waitFor } from '../support/wait-for.ts'

const program = fileURLToPath(new URL('../../cloud/site-helper.ts', import.meta.url))

const run = (work: string, env: Record<string, string>) =>
  promisify(execFile)(process.execPath, [program, work], { env })

const openDirectory = async (): Promise<string> => {
  const directory = await directoryForTest()
  return directory
}

test('writes the files of a container with its secrets, for their owner to read, and prints nothing', async () => {
  const FILES_TO = await openDirectory()
  const FILES = JSON.stringify({ 'a.conf': 'key ${secret.KEY}; $$$${secret.KEY}', b: '' })
  const { stdout, stderr } = await run('files', { FILES, FILES_TO, SECRET_KEY: 'of $$ the site' })
  expect(await readFile(join(FILES_TO, 'a.conf'), 'utf8')).toBe('key of $$ the site; $${secret.KEY}')
  expect((await readdir(FILES_TO)).toSorted()).toEqual(['a.conf', 'b'])
  expect((await stat(join(FILES_TO, 'a.conf'))).mode & 0o777).toBe(0o400)
  expect(stdout + stderr).toBe('')
})

test('forwards connections to the port of the product, half-closed ones too, and ends those that it cannot connect', async () => {
  const [port, target] = [await findFreePort(), await findFreePort()]
  const env = { HOST: '127.0.0.1', PORT: String(port), FORWARD_TO: String(target) }
  const helper = spawn(process.execPath, [program, 'port'], { env, stdio: 'inherit' })
  onTestFinished(() => void helper.kill('SIGKILL'))
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
      let answer = ''
      socket.setEncoding('utf8').on('data', (text) => {
        answer += text
      })
      socket.once('end', () => resolve(answer)).once('error', reject)
      socket.end('question')
    })
  // No product listens yet.
  expect(
    await waitFor(() =>
      ask().then(
        () => true,
        (error) => error.code === 'ECONNRESET',
      ),
    ),
  ).toBe(true)
  const product = createServer({ allowHalfOpen: true }, (socket) => {
    let question = ''
    socket.setEncoding('utf8').on('data', (text) => {
      question += text
    })
    socket.once('end', () => socket.end(`answer to ${question}`))
  })
  onTestFinished(() => void product.close())
  product.listen(target, '127.0.0.1')
  await once(product, 'listening')
  expect(await ask()).toBe('answer to question')
  helper.kill('SIGTERM')
  expect(await once(helper, 'exit')).toEqual([0, null])
})

test('fails without telling secrets', async () => {
  const failed = run('files', { FILES: '{', FILES_TO: '/nowhere', SECRET_KEY: 'hunter2' })
  await expect(failed).rejects.toMatchObject({ code: 1, stderr: expect.not.stringContaining('hunter2') })
  await expect(run('else', {})).rejects.toThrow("there is no work 'else'")
})
