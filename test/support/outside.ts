import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { promisify } from 'node:util'
import { canTest } from './can-test.ts'

const run = promisify(execFile)

/** Both ends of a link, as addresses that this machine does not route yet: a run that was killed leaves its own. */
const chooseAddresses = (): readonly [here: string, there: string] => {
  const own = Object.values(networkInterfaces()).flatMap((found) => (found ?? []).map(({ address }) => address))
  const start = Array.from({ length: 64 }, (_, each) => each * 4).find(
    (each) => !own.includes(`198.51.100.${each + 1}`),
  )
  if (start === undefined) throw new Error('Networks of former runs are left: delete those that "ip netns" lists')
  return [`198.51.100.${start + 1}`, `198.51.100.${start + 2}`]
}

/** Whether this test run may make such a machine. */
export const hasOutside = (): boolean =>
  canTest(
    process.getuid?.() === 0 && spawnSync('ip', ['netns']).status === 0,
    'the way out of sites is not tested: only root with iproute2 can make another machine',
  )

/** A machine that this one routes to, as on the internet: a network namespace with a server. For root on Linux. */
export const openOutside = async (): Promise<AsyncDisposable & { readonly host: string; readonly port: number }> => {
  await using opening = new AsyncDisposableStack()
  const [here, there] = chooseAddresses()
  const id = randomBytes(4).toString('hex')
  const [name, link] = [`sw-out-${id}`, `swo${id}`]
  await run('ip', ['netns', 'add', name])
  opening.defer(async () => void (await run('ip', ['netns', 'delete', name])))
  const inside = (...words: readonly string[]) => run('ip', ['-n', name, ...words])
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
