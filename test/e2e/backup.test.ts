import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, test, vi } from 'vitest'
import { stringify } from 'yaml'
import { containerTraces } from '../../local/home/container-traces.ts'
import { canTestWith } from '../support/can-test.ts'
import { canTestSites, testEngine } from '../support/container-engine.ts'
import { openDeveloper } from '../support/developer.ts'
import { newSiteId } from '../support/probe-launch.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { createSite, getSite, poolIsFull, readEntries, signIn, writeEntry } from './visitor.ts'

// Hosts are started beside the other tests.
vi.setConfig({ testTimeout: 600_000 })

const repository = fileURLToPath(new URL('../..', import.meta.url))

const backup = (environment: Readonly<Record<string, string>>, ...commandLine: readonly string[]) =>
  promisify(execFile)(process.execPath, ['bin/backup.ts', ...commandLine], {
    cwd: repository,
    env: { ...process.env, ...environment },
  })

/** What an environment answers, which is closed to others than its owner. */
const environmentAnswer = async (
  host: Awaited<ReturnType<typeof startHost>>,
  { run }: Awaited<ReturnType<typeof openDeveloper>>,
  name: string,
) => {
  const opened: { url: string } = JSON.parse((await run(['--json', 'env', 'open', name])).said)
  const { hostname: at, pathname: path } = new URL(opened.url)
  const cookie = (await call(host, { at, path })).headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  return (await call(host, { at, path: '/', headers: { cookie } })).json
}

const runtimes = (await canTestSites(await testEngine())) ? ['processes', 'containers'] : ['processes']

describe.skipIf(!canTestWith(['restic'], 'the backup of a host'))('the backup of a host', () => {
  test.each(runtimes)(
    'that runs sites as %s is restored to an empty directory, with what visitors wrote',
    async (runtime) => {
      await using home = await temporaryDirectory()
      await using elsewhere = await temporaryDirectory()
      const secrets = { RESTIC_REPOSITORY: join(elsewhere.path, 'repository'), RESTIC_PASSWORD: 'for this test' }
      await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
      const env = { SITEWRIGHT_RUNTIME: runtime, SITEWRIGHT_POOL_SIZE: '1' }
      const host = await startHost({ home: home.path, env })
      await poolIsFull(host)
      const ada = await signIn(host, 'ada@example.com')
      const { id } = (await createSite(host, ada, { slug: 'ada' })).json
      await waitFor(async () => (await getSite(host, ada, id)).status === 'active')
      await poolIsFull(host)

      const texts = Array.from({ length: 10_000 }, (_, number) => `entry ${number}`)
      const written: string[] = []
      let isBackedUp = false
      const visitor = (async () => {
        for (const text of texts) {
          if (isBackedUp) return
          expect((await writeEntry(host, 'ada', text)).status).toBe(201)
          written.push(text)
        }
      })()
      await waitFor(async () => written.length > 0)
      const before = written.length
      const { stdout } = await backup({ ...secrets, SITEWRIGHT_HOME: home.path })
      isBackedUp = true
      await visitor
      expect(stdout).toMatch(/Backed up [1-9] sites in /)
      await host.stop()

      const empty = join(elsewhere.path, 'home')
      await backup({ ...secrets, SITEWRIGHT_HOME: empty }, '--restore', 'latest')
      const inBackup = await readdir(join(empty, 'data'))
      // As a killed backup leaves it.
      await mkdir(join(empty, 'backup-in-progress', 'data'), { recursive: true })
      await using restored = await startHost({ home: empty, port: host.port, env })
      const entries = await waitFor(async () => {
        const found = await readEntries(restored, 'ada')
        return found.length > 0 && found
      })
      // The site shows its last fifty: none between the first of them and the last is lost.
      const first = texts.indexOf(entries.at(-1) ?? '')
      if (entries.length < 50) expect(first).toBe(0)
      expect(entries.toReversed()).toEqual(texts.slice(first, first + entries.length))
      expect(first + entries.length).toBeGreaterThanOrEqual(before)
      expect((await getSite(restored, ada, id)).status).toBe('active')
      // Somebody may have got a site of the pool between the copies of the database and of its data.
      const bob = await signIn(restored, 'bob@example.com')
      expect(inBackup).toHaveLength(2)
      expect(inBackup).not.toContain((await createSite(restored, bob, { slug: 'bob' })).json.id)
      expect(await readdir(empty)).not.toContain('backup-in-progress')
      await expect(backup({ ...secrets, SITEWRIGHT_HOME: empty }, '--restore', 'latest')).rejects.toThrow(
        'is not empty',
      )
    },
  )

  test('brings back software of accounts too: an environment is created where the lost home is restored', async () => {
    await using directory = await temporaryDirectory()
    const at = (name: string) => join(directory.path, name)
    const secrets = { RESTIC_REPOSITORY: at('repository'), RESTIC_PASSWORD: 'for this test' }
    await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
    await mkdir(at('work'))
    await copyFile(fileURLToPath(new URL('./exported-program.mjs', import.meta.url)), at('work/exported-program.mjs'))
    const file = {
      ...{ name: 'shop', title: 'Shop', access: 'public', traffic: { container: 'web' }, data: { mode: 'exclusive' } },
      containers: [
        {
          name: 'web',
          process: { command: ['node', 'exported-program.mjs'], directory: '.' },
          secrets: ['DB_PASSWORD'],
        },
      ],
      dataSecrets: ['DB_PASSWORD'],
    }
    await writeFile(at('work/sitewright.yaml'), stringify(file))
    const host = await startHost({ home: at('home') })
    const { port } = host
    const before = await openDeveloper(host, at('work'))
    expect(await before.run(['deploy'])).toMatchObject({ code: 0 })
    const answer = async (slug: string) => (await call(host, { at: `${slug}.localhost`, path: '/' })).json
    await call(host, { at: 'shop.localhost', method: 'POST', path: '/', body: 'written before' })
    expect(await answer('shop')).toMatchObject({ written: 'written before' })
    await backup({ ...secrets, SITEWRIGHT_HOME: at('home') })
    await host.stop()
    await rm(at('home'), { recursive: true })

    await backup({ ...secrets, SITEWRIGHT_HOME: at('restored') }, '--restore', 'latest')
    await using restored = await startHost({ home: at('restored'), port })
    await waitFor(async () => (await answer('shop'))['written'] === 'written before')
    const after = await openDeveloper(restored, at('work'))
    expect(await after.run(['env', 'create', 'qa'])).toMatchObject({
      code: 0,
      said: expect.stringContaining('qa: active'),
    })
    const copied = ['env', 'create', 'same', '--data', 'copy', '--fresh', '--reason', 'A test of the backup']
    expect(await after.run(copied)).toMatchObject({ code: 0, said: expect.stringContaining('same: active') })
    expect(await environmentAnswer(restored, after, 'same')).toMatchObject({ written: 'written before' })
    expect(await environmentAnswer(restored, after, 'qa')).toMatchObject({ written: '' })
  })

  test('of a repository with two homes is restored by the name of its snapshot', async () => {
    await using directory = await temporaryDirectory()
    const secrets = { RESTIC_REPOSITORY: join(directory.path, 'repository'), RESTIC_PASSWORD: 'for this test' }
    await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
    for (const homeId of ['00000000000000aa', '00000000000000bb']) {
      const home = join(directory.path, homeId)
      for (const name of ['archives', 'data']) await mkdir(join(home, name), { recursive: true })
      await writeFile(join(home, 'home.json'), JSON.stringify({ homeId }))
      await backup({ ...secrets, SITEWRIGHT_HOME: home })
    }
    const restored = { ...secrets, SITEWRIGHT_HOME: join(directory.path, 'restored') }
    const refusal = await backup(restored, '--restore', 'latest').catch(({ stderr }) => String(stderr))
    const [, snapshot = ''] = /^ {2}(\w+) .* home 00000000000000aa$/m.exec(String(refusal)) ?? []
    expect(refusal).toMatch(/backups of 2 homes.* home 00000000000000bb/s)
    await backup(restored, '--restore', snapshot)
    expect(await readFile(join(restored.SITEWRIGHT_HOME, 'home.json'), 'utf8')).toContain('00000000000000aa')
  })

  test('is made and restored although a restic that was killed left its lock', async () => {
    await using directory = await temporaryDirectory()
    const at = (...names: readonly string[]) => join(directory.path, ...names)
    const secrets = { RESTIC_REPOSITORY: at('repository'), RESTIC_PASSWORD: 'for this test' }
    await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
    for (const name of ['archives', 'data']) await mkdir(at('home', name), { recursive: true })
    await writeFile(at('home', 'home.json'), JSON.stringify({ homeId: '00000000000000aa' }))
    // Those that are whole.
    const locks = async () => (await readdir(at('repository', 'locks'))).filter((name) => /^[0-9a-f]{64}$/.test(name))
    const leaveLock = async () => {
      const child = spawn('restic', ['check'], { env: { ...process.env, ...secrets }, stdio: 'ignore' })
      await waitFor(async () => (await locks()).length > 0)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect(await locks()).not.toEqual([])
    }
    await leaveLock()
    await backup({ ...secrets, SITEWRIGHT_HOME: at('home') })
    await leaveLock()
    await backup({ ...secrets, SITEWRIGHT_HOME: at('restored') }, '--restore', 'latest')
    expect([await readdir(at('restored')), await locks()]).toEqual([
      ['archives', 'data', 'home.json', 'pool-of-backup'],
      [],
    ])
  })

  test('leaves no lock and no snapshot when it is told to end', async () => {
    await using directory = await temporaryDirectory()
    const at = (...names: readonly string[]) => join(directory.path, ...names)
    const secrets = { RESTIC_REPOSITORY: at('repository'), RESTIC_PASSWORD: 'for this test' }
    await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
    for (const name of ['archives', 'data', 'bin']) await mkdir(at('home', name), { recursive: true })
    await writeFile(at('home', 'home.json'), JSON.stringify({ homeId: '00000000000000aa' }))
    await writeFile(at('home', 'archives', 'a+1.archive'), randomBytes(20_000_000))
    await mkdir(at('bin'))
    const { stdout: restic } = await promisify(execFile)('which', ['restic'])
    const slow = `#!/bin/sh\nexec ${restic.trim()} --limit-upload 200 "$@"\n`
    await writeFile(at('bin', 'restic'), slow, { mode: 0o755 })
    const env = { ...process.env, ...secrets, SITEWRIGHT_HOME: at('home'), PATH: `${at('bin')}:${process.env['PATH']}` }
    const child = spawn(process.execPath, ['bin/backup.ts'], { cwd: repository, env })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => {
        output += text.toString()
      })
    }
    // Those that are whole.
    const locks = async () => (await readdir(at('repository', 'locks'))).filter((name) => /^[0-9a-f]{64}$/.test(name))
    await waitFor(async () => output.includes('no parent snapshot found'))
    expect(await locks()).toHaveLength(1)
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([143, null])
    expect([await locks(), (await readdir(at('home'))).includes('backup-in-progress')]).toEqual([[], false])
  })

  test.each([
    ['--sparse', true],
    ['', false],
  ])('is restored with holes where restic knows %s', async (help, isSparse) => {
    await using directory = await temporaryDirectory()
    const at = (name: string) => join(directory.path, name)
    // As another version of restic: it only notes what it is asked for, and restores a home.
    const restic = [
      '#!/bin/sh',
      `[ "$*" = 'restore --help' ] && exec echo 'Flags: ${help}'`,
      `echo "$*" >> ${at('asked')}`,
      'for word; do [ -d "$word" ] && echo {} > "$word/home.json"; done; true',
    ]
    await mkdir(at('bin'))
    await writeFile(at('bin/restic'), restic.join('\n'), { mode: 0o755 })
    const environment = { RESTIC_REPOSITORY: '/dev/null', RESTIC_PASSWORD: 'x', SITEWRIGHT_HOME: at('home') }
    await backup({ ...environment, PATH: `${at('bin')}:${process.env['PATH']}` }, '--restore', 'abcd')
    expect(await readFile(at('home/home.json'), 'utf8')).toBe('{}\n')
    const asked = (await readFile(at('asked'), 'utf8')).split('\n')
    expect(asked.find((line) => line.startsWith('restore abcd '))?.endsWith(' --sparse')).toBe(isSparse)
  })

  test('has all sites but one that cannot be copied, names it, and fails', async () => {
    await using directory = await temporaryDirectory()
    const secrets = { RESTIC_REPOSITORY: join(directory.path, 'repository'), RESTIC_PASSWORD: 'for this test' }
    await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
    const home = join(directory.path, 'home')
    const [hostile, honest] = [newSiteId(), newSiteId()]
    for (const name of ['archives', `data/${honest}`]) await mkdir(join(home, name), { recursive: true })
    await mkdir(join(home, 'data', hostile, ...Array.from({ length: 18 }, () => 'x'.repeat(200))), { recursive: true })
    await writeFile(join(home, 'home.json'), JSON.stringify({ homeId: '00000000000000aa' }))
    const failed = await backup({ ...secrets, SITEWRIGHT_HOME: home }).catch((error) => error)
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('Backed up 1 sites in ') })
    expect(failed.stderr).toMatch(new RegExp(`lacks the data of 1 sites.*${hostile} .*longer than 3500 bytes`, 's'))
    const restored = join(directory.path, 'restored')
    await backup({ ...secrets, SITEWRIGHT_HOME: restored }, '--restore', 'latest')
    expect(await readdir(join(restored, 'data'))).toEqual([honest])
  })

  test('is refused where an engine answers that is not the one of the host: it would pause no site', async () => {
    await using directory = await temporaryDirectory()
    const at = (...names: readonly string[]) => join(directory.path, ...names)
    await using other = createServer((_, response) => void response.end('[]')).listen(at('other.sock'))
    await once(other, 'listening')
    const secrets = { RESTIC_REPOSITORY: at('repository'), RESTIC_PASSWORD: 'for this test' }
    await promisify(execFile)('restic', ['init'], { env: { ...process.env, ...secrets } })
    for (const name of ['archives', 'data', 'run']) await mkdir(at('home', name), { recursive: true })
    await writeFile(at('home', 'home.json'), JSON.stringify({ homeId: '00000000000000aa' }))
    const environment = { ...secrets, SITEWRIGHT_HOME: at('home'), DOCKER_HOST: `unix://${at('other.sock')}` }
    await containerTraces(at('home')).leave('unix:///host.sock')
    const refused = /does not answer at unix:\/\/\/host\.sock \(another one answers at unix:.*set DOCKER_HOST/
    await expect(backup(environment)).rejects.toThrow(refused)
    await expect(backup({ ...environment, DOCKER_HOST: '' })).rejects.toThrow(
      'does not answer at unix:///host.sock, so',
    )
    await containerTraces(at('home')).leave(environment.DOCKER_HOST)
    expect(await backup(environment)).toMatchObject({ stdout: expect.stringContaining('Backed up 0 sites') })
    expect(await backup({ ...environment, DOCKER_HOST: '' })).toMatchObject({
      stdout: expect.stringContaining('Backed up'),
    })
  })

  test('resumes all sites before the upload, which takes long', async () => {
    await using directory = await temporaryDirectory()
    const at = (...names: readonly string[]) => join(directory.path, ...names)
    const acts: string[] = []
    let state = 'running'
    const act = (name: string): boolean => {
      acts.push(existsSync(at('uploaded')) ? `${name} after the upload` : name)
      // As often as the copy tries it.
      const isRefused = name === 'unpause' && acts.length < 5
      if (!isRefused) state = name === 'pause' ? 'paused' : 'running'
      return !isRefused
    }
    await using engine = createServer(({ url = '', method }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://engine')
      const isListed = searchParams.get('filters')?.includes(state)
      response.statusCode = method === 'GET' || act(pathname.split('/').at(-1) ?? '') ? 200 : 500
      response.end(JSON.stringify(isListed ? [{ Id: 'web' }] : []))
    }).listen(at('engine.sock'))
    await once(engine, 'listening')
    for (const name of ['archives', 'run', `data/${newSiteId()}`]) await mkdir(at('home', name), { recursive: true })
    await writeFile(at('home', 'home.json'), JSON.stringify({ homeId: '00000000000000aa' }))
    await containerTraces(at('home')).leave(`unix://${at('engine.sock')}`)
    await mkdir(at('bin'))
    const restic = `#!/bin/sh\n[ "$1" != backup ] || touch ${at('uploaded')}\n`
    await writeFile(at('bin/restic'), restic, { mode: 0o755 })
    const environment = { RESTIC_REPOSITORY: '/dev/null', RESTIC_PASSWORD: 'x', SITEWRIGHT_HOME: at('home') }
    const path = `${at('bin')}:${process.env['PATH']}`
    await expect(backup({ ...environment, DOCKER_HOST: '', PATH: path })).rejects.toThrow('lacks the data of 1 sites')
    expect([acts, existsSync(at('uploaded'))]).toEqual([['pause', 'unpause', 'unpause', 'unpause', 'unpause'], true])
  })

  test('needs a repository, a password and the home of a host, and says so', async () => {
    await using home = await temporaryDirectory()
    const environment = { SITEWRIGHT_HOME: home.path, RESTIC_REPOSITORY: '', RESTIC_PASSWORD: 'for this test' }
    await expect(backup(environment)).rejects.toThrow('restic needs RESTIC_REPOSITORY or RESTIC_REPOSITORY_FILE')
    await expect(backup({ ...environment, RESTIC_REPOSITORY: '/dev/null' })).rejects.toThrow(
      'is not the home of a host',
    )
  })
})
