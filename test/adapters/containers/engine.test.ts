import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { findEngine } from '../../../adapters/containers/engine.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'

const directory = await directoryForAll()

const closers: (() => void)[] = []
afterEach(() => {
  vi.unstubAllEnvs()
  for (const close of closers.splice(0)) close()
})

/** Answers `_ping` on a socket like an engine. */
const serve = async (name: string, status = 200): Promise<string> => {
  const socket = join(directory, name)
  const server = createServer((_, response) => response.writeHead(status).end('OK')).listen(socket)
  await new Promise((resolve) => server.once('listening', resolve))
  closers.push(() => server.close())
  return `unix://${socket}`
}

test('the engine that DOCKER_HOST names is used', async () => {
  const address = await serve('named.sock')
  vi.stubEnv('DOCKER_HOST', address)
  expect((await findEngine())?.address).toBe(address)
})

test('when DOCKER_HOST names one that is away, no other is used in its place', async () => {
  await serve('other.sock')
  vi.stubEnv('DOCKER_HOST', `unix://${directory}/away.sock`)
  expect(await findEngine(['unix:///nobody.sock', `unix://${directory}/other.sock`])).toBeUndefined()
})

test('otherwise the first usual address that answers is used', async () => {
  vi.stubEnv('DOCKER_HOST', '')
  await serve('broken.sock', 500)
  const good = await serve('good.sock')
  const engine = await findEngine([`unix://${directory}/nobody.sock`, `unix://${directory}/broken.sock`, good])
  expect(engine?.address).toBe(good)
})

test('without an engine there is none', async () => {
  vi.stubEnv('DOCKER_HOST', '')
  expect(await findEngine([`unix://${directory}/nobody.sock`])).toBeUndefined()
})
