import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { endLeftovers } from '../support/temporary-home/temporary-home.ts'
import { waitFor } from '../support/wait-for.ts'

const run = promisify(execFile)

it.each([
  ['a signal to npm start', 'npm', ['start'], 'SIGTERM'],
  ['the end of its terminal', process.execPath, ['bin/host.ts'], 'SIGHUP'],
] as const)('%s stops the host in order', async (_, program, args, signal) => {
  await using home = await temporaryDirectory()
  const port = await findFreePort()
  const settings = {
    PORT: String(port),
    SITEWRIGHT_HOME: home.path,
    SITEWRIGHT_RUNTIME: 'processes',
    SITEWRIGHT_POOL_SIZE: '0',
    SITEWRIGHT_ROUTERS: '1',
  }
  const started = spawn(program, args, { env: { ...process.env, ...settings }, stdio: 'ignore' })
  const isWell = async () => (await fetch(`http://localhost:${port}/v1/health`).catch(() => undefined))?.ok
  try {
    const ended = once(started, 'exit')
    await waitFor(isWell)
    started.kill(signal)
    expect(await ended).toEqual([0, null])
    expect(await isWell()).toBeUndefined()
  } finally {
    await endLeftovers(home.path)
  }
})

it('a Node.js that cannot run it is refused, and the way to the right one is said', async () => {
  const older = 'data:text/javascript,Object.defineProperty(process, "versions", { value: { node: "20.0.0" } })'
  await expect(run(process.execPath, ['--import', older, 'bin/start.js'])).rejects.toMatchObject({
    code: 1,
    stderr:
      'Sitewright cannot start: npm did not install its Node.js, and Node.js 20.0.0 of this machine is too old. ' +
      'Run npm ci --ignore-scripts=false, or install Node.js 24 or later.\n',
  })
})

it('what a start needs is installed also where NODE_ENV is production', async () => {
  const env = { ...process.env, NODE_ENV: 'production' }
  const { stdout } = await run('npm', ['ls', '--depth', '0', 'esbuild', 'node'], { env })
  expect(stdout).toMatch(/esbuild@.*\n.*node@/)
})
