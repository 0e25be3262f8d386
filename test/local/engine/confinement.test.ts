import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { dynamodbClient, type EngineAddress } from '../../../adapters/dynamodb/client.ts'
import { findLeftovers } from '../../../adapters/leftovers/find-leftovers.ts'
import { type Engine, embeddedEngines } from '../../../local/engine/engine.ts'
import { findConfinement } from '../../../local/engine/engine-place.ts'
import { startEngine } from '../../../local/engine/start-engine.ts'
import { type Home, openHome } from '../../../local/home/open-home.ts'
import { askForTables, listeningPorts } from '../../attacks/strangers-on-machine.ts'
import { canTest } from '../../support/can-test.ts'
import { hasEngine } from '../../support/engine.ts'
import { waitFor } from '../../support/wait-for.ts'

const log = { info: () => {}, warn: () => {}, error: () => {} }
const environment = { PATH: process.env['PATH'] ?? '', JAVA_HOME: process.env['JAVA_HOME'] ?? '' }

let home: Home
let directory: string
const engines: Engine[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sitewright-confined-'))
  home = await openHome(directory)
})

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.stop()
  await home.release()
  await rm(directory, { recursive: true })
})

const start = async (options: Partial<Parameters<typeof startEngine>[0]> = {}): Promise<Engine> => {
  const engine = await startEngine({ home, environment, log, ...options })
  engines.push(engine)
  return engine
}

const withClient = async <Result>(
  address: EngineAddress,
  use: (client: ReturnType<typeof dynamodbClient>) => Promise<Result>,
): Promise<Result> => {
  const client = dynamodbClient(address)
  try {
    return await use(client)
  } finally {
    client.destroy()
  }
}

const createTable = (address: EngineAddress, name: string) =>
  withClient(address, (client) =>
    client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      }),
    ),
  )

const tablesAt = (address: EngineAddress) =>
  withClient(address, async (client) => (await client.send(new ListTablesCommand())).TableNames)

const pidsOf = async (role: 'engine' | 'relay') => (await findLeftovers(home.id, role)).map(({ pid }) => pid)

/** What a page or another user gets who asks a port for the tables. */
const askPort = (port: number) => askForTables(port, { origin: 'http://tenant.localhost' })

const askNewPorts = async (before: readonly number[]) =>
  (await Promise.all((await listeningPorts()).filter((port) => !before.includes(port)).map(askPort))).join('\n')

const confinement = await findConfinement(environment)
const isPossible = canTest(
  'namespaces' in confinement,
  `engines without a network namespace: ${'impossible' in confinement && confinement.impossible}`,
)

for (const name of embeddedEngines) {
  const isThere = isPossible && (await hasEngine(name))

  describe.runIf(isThere)(`${name} in a network namespace`, () => {
    const forced = { environment: { ...environment, SITEWRIGHT_ENGINE: name } }

    it('answers on a Unix socket and on no port of this machine', { timeout: 600_000 }, async () => {
      const before = await listeningPorts()
      const engine = await start(forced)
      await createTable(engine, 'secret-addresses')
      expect(await tablesAt(engine)).toEqual(['secret-addresses'])
      expect(engine.exposed).toBeUndefined()
      expect(await askNewPorts(before)).not.toContain('secret-addresses')
      const [pid] = await pidsOf('engine')
      expect(await readlink(`/proc/${pid}/ns/net`)).not.toBe(await readlink('/proc/self/ns/net'))
    })

    it('ends with its relay, and both come back', { timeout: 600_000 }, async () => {
      const engine = await start(forced)
      const before = await pidsOf('engine')
      const relay = (await pidsOf('relay')).at(-1)
      process.kill(relay!, 'SIGKILL')
      await waitFor(async () => (await pidsOf('engine')).some((pid) => !before.includes(pid)))
      await tablesAt(engine)
      expect(await pidsOf('engine')).toHaveLength(1)
      await engine.stop()
      expect(await pidsOf('engine')).toEqual([])
      expect(await pidsOf('relay')).toEqual([])
      expect(await readdir(home.directories.run)).not.toContain('engine.sock')
    })
  })
}

describe.runIf(isPossible && (await hasEngine('dynoxide')))('a confined engine', () => {
  it('is found by the test above where it is exposed', async () => {
    const before = await listeningPorts()
    const engine = await start({ findConfinement: async () => ({ impossible: 'the test says so' }) })
    await createTable(engine, 'secret-addresses')
    expect(engine.exposed).toBe('the test says so')
    expect(await askNewPorts(before)).toContain('secret-addresses')
  })

  it('lets no other user of this machine in', async () => {
    await chmod(home.directories.run, 0o755)
    const { socketPath = '' } = await start()
    expect((await stat(home.directories.run)).mode & 0o777).toBe(0o700)
    if (process.getuid?.() !== 0) return
    await chmod(directory, 0o755)
    const script = `require('net').connect(process.argv[1]).on('error', (e) => console.log(e.code)).on('connect', () => process.exit())`
    const nobody = { uid: 65_534, gid: 65_534, encoding: 'utf8' as const, cwd: '/' }
    expect(execFileSync(process.execPath, ['-e', script, socketPath], nobody)).toBe('EACCES\n')
  })

  it('replaces the socket of an engine that was killed', async () => {
    const path = join(home.directories.run, 'engine.sock')
    const script = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
    spawnSync(process.execPath, ['-e', script, path])
    expect((await stat(path)).isSocket()).toBe(true)
    const engine = await start()
    await createTable(engine, 'things')
    expect(await tablesAt(engine)).toEqual(['things'])
  })

  it('needs no root', async () => {
    const engine = await start({ findConfinement: async () => ({ namespaces: ['--map-root-user'] }) })
    await createTable(engine, 'things')
    expect(await tablesAt(engine)).toEqual(['things'])
  })

  it('answers in a home with a path that is too long for a socket', async () => {
    await home.release()
    home = await openHome(join(directory, 'a'.repeat(120)))
    const engine = await start()
    await createTable(engine, 'things')
    expect(await tablesAt(engine)).toEqual(['things'])
  })
})

describe('a machine without network namespaces', () => {
  it.each([
    ['unshare is missing', { PATH: '/nonexistent' }, 'ENOENT'],
    ['unshare is refused', { PATH: '' }, 'unshare failed: Operation not permitted'],
  ])('is recognised where %s', async (_, given, reason) => {
    const bin = await mkdtemp(join(directory, 'bin-'))
    const program = "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n"
    await writeFile(join(bin, 'unshare'), program, { mode: 0o755 })
    expect(await findConfinement({ PATH: given.PATH || `${bin}:/bin` })).toEqual({
      impossible: expect.stringContaining(reason),
    })
  })

  it('runs no engine of a public host', async () => {
    const options = { home, environment, log, isPublic: true, findConfinement: async () => ({ impossible: 'refused' }) }
    await expect(startEngine(options)).rejects.toThrow(
      /checks no credentials, so a public host .* not possible here: refused; .*DYNAMODB_ENDPOINT/,
    )
    expect(await pidsOf('engine')).toEqual([])
  })
})
