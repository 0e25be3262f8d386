import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it, onTestFinished } from 'vitest'
import { startSite } from '../router/stage.ts'
import { type Attack, runAttack, type Scene } from './attack.ts'
import { localPage, otherUser, portsOf } from './strangers-on-machine.ts'

const sceneAt = (origin: string, port: number): Scene => ({
  origin,
  port,
  siteUrl: origin,
  home: '/',
  patienceMilliseconds: 400,
  owner: { email: 'owner@example.com', token: '', cookie: 'session=1' },
  ports: async () => [port],
})

it('counts the requests of honest clients that were not served, and ends the attack', async () => {
  let ended = 0
  let asked = 0
  const { endpoint } = await startSite((_, response) => {
    asked += 1
    response.writeHead(asked % 5 === 0 ? 503 : 200).end('{}')
  })
  const attack: Attack = {
    name: 'sometimes away',
    begin: async () => ({
      summary: () => 'every fifth request',
      end: async () => {
        ended += 1
      },
    }),
    visit: async ({ origin }, { call }) => {
      const { status } = await call({ url: origin })
      if (status !== 200) throw new Error(`answered ${status}`)
    },
  }
  const origin = `http://${endpoint.host}:${endpoint.port}`
  const result = await runAttack(attack, sceneAt(origin, endpoint.port), 50)
  expect(result.requests).toBeGreaterThanOrEqual(50)
  expect(result.requests - result.served).toBe(Math.floor(result.requests / 5))
  expect(result.failures[0]).toBe('answered 503')
  expect(result.figures.count).toBe(result.requests)
  expect(ended).toBe(1)
})

it('reports a database that answers strangers on the machine, and pages that may read it', async () => {
  const { endpoint } = await startSite((request, response) => {
    response.setHeader('access-control-allow-origin', '*')
    if (request.url === '/v1/session') response.end('{"account":{"email":"owner@example.com"}}')
    else response.end('{"TableNames":["secret"]}')
  })
  const brief = (attack: Attack): Attack => ({ ...attack, milliseconds: 0 })
  const scene = sceneAt(`http://${endpoint.host}:${endpoint.port}`, endpoint.port)
  expect((await runAttack(brief(otherUser()), scene, 2)).gains).toContain(`port ${endpoint.port} answers as a database`)
  expect((await runAttack(brief(localPage()), scene, 2)).gains).toEqual(
    expect.arrayContaining([
      'DELETE /v1/account with the cookie of owner@example.com answered 200',
      `port ${endpoint.port} answers as a database`,
      `port ${endpoint.port} allows pages of * to read its answers`,
      `http://localhost:${endpoint.port}/_local/mail answers a page of another origin`,
    ]),
  )
})

it('knows the ports of a process and of what it started, and no others', async () => {
  const script = `require('net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`
  const start = async (command: string, ...options: string[]) => {
    const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'ignore'] })
    const [line] = await once(child.stdout, 'data')
    onTestFinished(() => {
      child.kill()
    })
    return { pid: child.pid!, port: Number(line) }
  }
  // The shell waits for its child, which listens.
  const shell = await start('sh', '-c', `"$0" -e "$1" & trap 'kill $!' TERM; wait`, process.execPath, script)
  const other = await start(process.execPath, '-e', script)
  expect(await portsOf(shell.pid)).toEqual([shell.port])
  expect(await portsOf(other.pid)).toEqual([other.port])
  expect(await portsOf(process.pid)).toEqual(expect.arrayContaining([shell.port, other.port]))
})
