import { execFile, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { canTest } from './can-test.ts'

const run = promisify(execFile)

const name = `sw-out-${process.pid}`
const [here, there] = ['198.51.100.1', '198.51.100.2']

/** Whether this test run may make such a machine. */
export const hasOutside = (): boolean =>
  canTest(
    process.getuid?.() === 0 && spawnSync('ip', ['netns']).status === 0,
    'the way out of sites is not tested: only root with iproute2 can make another machine',
  )

/** A machine that this one routes to, as on the internet: a network namespace with a server. For root on Linux. */
export const openOutside = async (): Promise<AsyncDisposable & { readonly host: string; readonly port: number }> => {
  await using opening = new AsyncDisposableStack()
  await run('ip', ['netns', 'add', name])
  opening.defer(async () => void (await run('ip', ['netns', 'delete', name])))
  const inside = (...words: readonly string[]) => run('ip', ['-n', name, ...words])
  const link = `swo${process.pid}`
  await run('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name])
  await run('ip', ['address', 'add', `${here}/30`, 'dev', link])
  await run('ip', ['link', 'set', link, 'up'])
  await inside('address', 'add', `${there}/30`, 'dev', 'eth0')
  await inside('link', 'set', 'eth0', 'up')
  const port = 8080
  const script = `require('node:net').createServer((s) => s.end()).listen(${port}, () => console.log('listening'))`
  const server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  opening.defer(async () => {
    server.kill()
    await once(server, 'close')
  })
  await once(server.stdout, 'data')
  const opened = opening.move()
  return { host: there, port, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}
