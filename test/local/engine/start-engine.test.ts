import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import timers from 'node:timers/promises'
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EngineAddress } from '../../../adapters/dynamodb/client.ts'
import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'
import type { EmbeddedEngineName, Engine } from '../../../local/engine/engine.ts'
import { startEngine } from '../../../local/engine/start-engine.ts'
import { type Home, openHome } from '../../../local/home/open-home.ts'
import { canTest, canTestOnLinux } from '../../support/can-test.ts'
import { hasEngine } from '../../support/engine.ts'

const silent = { info: () => {}, warn: () => {}, error: () => {} }
const withDefaults = { PATH: process.env['PATH'] }

let home: Home
const engines: Engine[] = []
const clients: DynamoDBClient[] = []
const children: ChildProcess[] = []

const unconfined = async () => ({ impossible: 'the test says so' })

const start = async (
  environment: NodeJS.ProcessEnv,
  options: Partial<Parameters<typeof startEngine>[0]> = {},
): Promise<Engine> => {
  const engine = await startEngine({ home, environment, log: silent, ...options })
  engines.push(engine)
  return engine
}

const connect = ({ endpoint, socketPath, region, credentials }: EngineAddress): DynamoDBClient => {
  const client = new DynamoDBClient({
    endpoint,
    region,
    ...(credentials && { credentials }),
    ...(socketPath && { requestHandler: { httpAgent: { socketPath } } }),
    maxAttempts: 10,
  })
  clients.push(client)
  return client
}

const createTable = (client: DynamoDBClient) =>
  client.send(
    new CreateTableCommand({
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  )

const put = (client: DynamoDBClient, id: string) =>
  client.send(new PutItemCommand({ TableName: 'things', Item: { id: { S: id } } }))

const has = async (client: DynamoDBClient, id: string): Promise<boolean> =>
  (await client.send(new GetItemCommand({ TableName: 'things', Key: { id: { S: id } } }))).Item !== undefined

const enginePids = async (): Promise<readonly number[]> =>
  (await findLeftovers(home.id, 'engine')).map(({ pid }) => pid)

const until = async (condition: () => Promise<boolean>): Promise<void> => {
  while (!(await condition())) await timers.setTimeout(10)
}

beforeEach(async () => {
  home = await openHome(await mkdtemp(join(tmpdir(), 'sitewright-engine-')))
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const client of clients.splice(0)) client.destroy()
  for (const engine of engines.splice(0)) await engine.stop()
  await home.release()
  await rm(home.directory, { recursive: true, force: true })
})

/** A host that starts the engine and then only waits to be killed. */
const startHost = async (environment: NodeJS.ProcessEnv): Promise<{ host: ChildProcess; address: EngineAddress }> => {
  const module = JSON.stringify(new URL('../../../local/engine/start-engine.ts', import.meta.url).href)
  const script = `const { startEngine } = await import(${module})
    const log = { info() {}, warn() {}, error() {} }
    const home = JSON.parse(process.argv[1])
    const { stop, ...engine } = await startEngine({ home, environment: JSON.parse(process.argv[2]), log })
    console.log(JSON.stringify(engine))`
  const host = spawn(
    process.execPath,
    ['--input-type=module', '-e', script, JSON.stringify(home), JSON.stringify(environment)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  children.push(host)
  const [line] = await once(host.stdout, 'data')
  return { host, address: JSON.parse(String(line)) }
}

const cases: readonly EmbeddedEngineName[] = ['dynoxide', 'dynamodb-local']

for (const name of cases) {
  const isThere = await hasEngine(name)

  describe.runIf(isThere)(`the engine ${name}`, () => {
    const environment = { ...withDefaults, SITEWRIGHT_ENGINE: name }

    it('is started again at the same address when it dies', { timeout: 600_000 }, async () => {
      const engine = await start(environment)
      const client = connect(engine)
      await createTable(client)
      await put(client, 'acknowledged')

      const [pid] = await enginePids()
      process.kill(pid!, 'SIGKILL')
      await until(async () => (await enginePids()).some((other) => other !== pid))
      // On a busy machine a JVM takes longer to listen than the client repeats its request.
      await until(() =>
        has(client, 'never written').then(
          () => true,
          () => false,
        ),
      )

      expect(engine.name).toBe(name)
      // DynamoDB Local answers a moment before what it answers for is on disk.
      if (name === 'dynoxide') expect(await has(client, 'acknowledged')).toBe(true)
      expect(await has(client, 'never written')).toBe(false)
    })

    it('that a killed host left is ended before the next one starts, and nothing is lost', {
      timeout: 600_000,
    }, async () => {
      const { host, address } = await startHost(environment)
      const client = connect(address)
      await createTable(client)
      await put(client, 'before the crash')
      const left = await enginePids()
      host.kill('SIGKILL')
      await once(host, 'exit')
      expect(await enginePids()).toEqual(left)

      const engine = await start(withDefaults)
      expect(await has(connect(engine), 'before the crash')).toBe(true)
      const running = await enginePids()
      expect(running).toHaveLength(1)
      expect(left).not.toContain(running[0])
    })

    it('has ended when it was stopped', { timeout: 600_000 }, async () => {
      const engine = await start(environment)
      expect(await enginePids()).toHaveLength(1)
      await engine.stop()
      expect(await enginePids()).toEqual([])
    })
  })
}

describe('starting an engine', () => {
  it('uses DYNAMODB_ENDPOINT where it is set, and leaves it running', async () => {
    const embedded = await start(withDefaults, { findConfinement: unconfined })
    const otherHome = await openHome(await mkdtemp(join(tmpdir(), 'sitewright-engine-')))
    try {
      const environment = { ...withDefaults, DYNAMODB_ENDPOINT: embedded.endpoint }
      const engine = await startEngine({ home: otherHome, environment, log: silent })
      await createTable(connect(engine))
      await engine.stop()
      await put(connect(embedded), 'still there')
      expect(engine.name).toBe('endpoint')
      expect(await has(connect(embedded), 'still there')).toBe(true)
    } finally {
      await otherHome.release()
      await rm(otherHome.directory, { recursive: true })
    }
  })

  it('gives the engine none of the environment that it does not need', async () => {
    await start({ ...withDefaults, STRIPE_SECRET_KEY: 'secret' })
    const [engine] = await findLeftovers(home.id, 'engine')
    expect(engine?.environment).not.toHaveProperty('STRIPE_SECRET_KEY')
    expect(engine?.environment).toHaveProperty('PATH')
  })

  it('tells what the engine said where it does not start', async () => {
    const program = {
      name: 'dynoxide' as const,
      command: process.execPath,
      argumentsFor: () => ['-e', 'console.error("the disk is on fire"); process.exit(1)'],
    }
    const finders = { dynoxide: async () => ({ program }), 'dynamodb-local': async () => ({ missing: 'is not there' }) }
    await expect(startEngine({ home, environment: withDefaults, log: silent, finders })).rejects.toThrow(
      /dynoxide does not start; its output ends with:\n(.*\n)*the disk is on fire/,
    )
  })

  it.runIf(canTestOnLinux('an engine on a port that is taken'))(
    'does not take another engine on its port for its own',
    async () => {
      const other = await start(withDefaults, { findConfinement: unconfined })
      const otherPort = new URL(other.endpoint).port
      const secondHome = await openHome(await mkdtemp(join(tmpdir(), 'sitewright-engine-')))
      // Stays alive without listening, while requests to "its" address are answered by somebody else.
      const relay = `const net = require('node:net')
      net.createServer((from) => { const to = net.connect(${otherPort}, '127.0.0.1'); from.pipe(to).pipe(from) })
        .listen(Number(process.argv[1]), '127.0.0.1')`
      const sleeper = 'setInterval(() => {}, 1000)'
      let attempts = 0
      const program = {
        name: 'dynoxide' as const,
        command: process.execPath,
        argumentsFor: ({ port }: { port: number }) => {
          attempts++
          children.push(spawn(process.execPath, ['-e', relay, String(port)], { stdio: 'ignore' }))
          return ['-e', sleeper]
        },
      }
      const finders = {
        dynoxide: async () => ({ program }),
        'dynamodb-local': async () => ({ missing: 'is not there' }),
      }
      try {
        const started = startEngine({
          home: secondHome,
          environment: withDefaults,
          log: silent,
          finders,
          findConfinement: unconfined,
        })
        await expect(started).rejects.toThrow('does not start')
        expect(attempts).toBe(3)
        expect(await findLeftovers(secondHome.id, 'engine')).toEqual([])
      } finally {
        await secondHome.release()
        await rm(secondHome.directory, { recursive: true })
      }
    },
  )

  it('names an endpoint that does not answer', async () => {
    const server = createServer((socket) => socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const environment = { ...withDefaults, DYNAMODB_ENDPOINT: `http://${host}` }
    await expect(startEngine({ home, environment, log: silent, endpointPatienceMilliseconds: 0 })).rejects.toThrow(
      `DYNAMODB_ENDPOINT: ${host} does not answer like DynamoDB`,
    )
    server.close()
  })
})

const hasPs = spawnSync('ps', ['--version']).status === 0

describe.runIf(canTest(hasPs, 'engines where there is no /proc are not tested: there is no ps (Debian: procps)'))(
  'where there is no /proc',
  () => {
    it('a left engine is found by its recorded command line, and nobody else is killed', async () => {
      const { recordEngine, sweepRecordedEngine } = await import('../../../local/engine/keep-running.ts')
      const script = 'setInterval(() => {}, 1000); console.log("up")'
      const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      await once(child.stdout, 'data')
      const run = home.directories.run

      await recordEngine(run, { pid: child.pid!, commandLine: `${process.execPath} something else` })
      await sweepRecordedEngine(run, silent)
      expect(child.signalCode).toBeNull()

      await recordEngine(run, { pid: child.pid!, commandLine: `${process.execPath} -e ${script}` })
      const exited = once(child, 'exit')
      await sweepRecordedEngine(run, silent)
      expect(await exited).toEqual([null, 'SIGKILL'])
    })
  },
)
