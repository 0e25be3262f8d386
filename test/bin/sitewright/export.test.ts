import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { parse } from 'yaml'
import type { Api } from '../../../bin/sitewright/api.ts'
import { composeFile, dataUser, environmentFile, environmentValues, filesOf } from '../../../bin/sitewright/compose.ts'
import { exportDirectory, exportedText, exportSite } from '../../../bin/sitewright/export.ts'
import { siteSchema } from '../../../bin/sitewright/site.ts'
import { blueprintOfFile, parseSiteFile } from '../../../core/blueprint/site-file.ts'
import { canTestWith } from '../../support/can-test.ts'
import { listening } from '../../support/listening.ts'

const file = {
  name: 'shop',
  title: 'Shop',
  containers: [
    {
      name: 'web',
      build: { context: '.' },
      environment: { DATABASE_URL: `postgres://shop:\${secret.DB_PASSWORD}@127.0.0.1/shop`, PRICE: '5 $$' },
      secrets: ['DB_PASSWORD', 'SESSION_KEY'],
      given: ['STRIPE_KEY'],
      files: { 'app.ini': `password=\${secret.DB_PASSWORD}` },
      after: ['db'],
    },
    {
      name: 'db',
      image: `docker.io/library/postgres@sha256:${'0'.repeat(64)}`,
      secrets: ['DB_PASSWORD'],
      health: { command: ['pg_isready', '--host', '127.0.0.1'] },
    },
  ],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
  dataSecrets: ['DB_PASSWORD'],
}
const blueprint = blueprintOfFile(parseSiteFile(file), { version: 4, images: { web: 'localhost/own/site:abc' } })
const exported = {
  ...{ slug: 'shop', version: 4, commit: null, file, blueprint, images: {}, variables: {}, facts: {} },
  ...{ generated: ['DB_PASSWORD', 'SESSION_KEY'], given: ['STRIPE_KEY'], dataSecrets: ['DB_PASSWORD'], pull: null },
}
const values = { DB_PASSWORD: "it's $ecret", SESSION_KEY: 'key', STRIPE_KEY: '' }

describe('the compose file', () => {
  const around = { ...exported, images: { web: `sha256:${'1'.repeat(64)}` }, builds: {}, values }
  const { services } = parse(composeFile(around, true))

  it('repeats the hardening, and lets the containers share localhost', () => {
    expect(services.db).toMatchObject({
      ...{ user: `\${SITE_USER}`, read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges'] },
      ports: [`127.0.0.1:\${SITE_PORT:-8080}:8080`],
      healthcheck: { test: ['CMD', 'pg_isready', '--host', '127.0.0.1'] },
      volumes: ['./data:/data'],
    })
    expect(services.web).toMatchObject({
      ...{ image: 'localhost/shop/web:4', pull_policy: 'never', network_mode: 'service:db' },
      depends_on: { db: { condition: 'service_healthy' } },
      volumes: ['./data:/data', './files/web:/run/sitewright/files:ro'],
    })
  })

  it('names secrets, has no value of one, and escapes what Compose would replace', () => {
    expect(services.web.environment).toMatchObject({
      DATABASE_URL: `postgres://shop:\${DB_PASSWORD:?set it in .env}@127.0.0.1/shop`,
      STRIPE_KEY: `\${STRIPE_KEY:?set it in .env}`,
      PRICE: '5 $$',
      PORT: '8080',
    })
    expect(services.db.environment).not.toHaveProperty('STRIPE_KEY')
    expect(composeFile(around, true)).not.toContain('ecret')
    expect(filesOf(around)).toEqual({ 'files/web/app.ini': "password=it's $ecret" })
  })

  it('has texts that are texts for every reader of YAML', () => {
    const [web, ...others] = blueprint.containers
    if (web === undefined) throw new Error('there is a container')
    const environment = { API_VERSION: '2024-06-20', MODE: '0o17', NO: 'no' }
    const containers = [{ ...web, environment, command: ['serve', '--since', '2024-06-20', 'on'] }, ...others]
    const text = composeFile({ ...around, blueprint: { ...blueprint, containers } }, true)
    expect(text).toMatch(/API_VERSION: "2024-06-20"\n +MODE: "0o17"\n +"NO": "no"\n/)
    expect(parse(text, { version: '1.1' }).services.web).toMatchObject({
      ...{ environment, command: ['serve', '--since', '2024-06-20', 'on'] },
    })
  })

  it('says whose the data has to be, if it is not theirs', () => {
    expect(composeFile(around, false)).toMatch(/sudo chown -R \d+:\d+ data/)
    expect(composeFile(around, true)).not.toContain('sudo')
  })

  it('says for which processor the images are', () => {
    const text = composeFile({ ...around, pull: { platform: 'linux/arm64' } }, true)
    expect(text).toContain('# The images are for linux/arm64: ')
    expect(composeFile(around, true)).not.toContain('QEMU')
  })

  it('has values beside it, quoted', () => {
    expect(environmentFile(values, { uid: 7, gid: 8 })).toBe(
      "SITE_USER=7:8\nDB_PASSWORD='it\\'s $ecret'\nSESSION_KEY='key'\n# Set it: nobody can export it.\nSTRIPE_KEY=\n",
    )
    // Compose reads a backslash before the end of single quotes as part of the value's end.
    expect(environmentFile({ A: 'b\\', C: `"$\\'` }, { uid: 7, gid: 8 })).toContain(`A="b\\\\"\nC="\\"\\$\\\\'"\n`)
  })

  it.each([
    ['STRIPE_KEY=key\r\nMAIL_KEY=other\r\n', { STRIPE_KEY: 'key', MAIL_KEY: 'other' }],
    ['STRIPE_KEY=\r\n', { STRIPE_KEY: '' }],
    ['STRIPE_KEY=  # ask finance\n', { STRIPE_KEY: '' }],
    ['STRIPE_KEY=key#1 # of finance \n', { STRIPE_KEY: 'key#1' }],
    [" export STRIPE_KEY = 'a # b' # of finance\n", { STRIPE_KEY: 'a # b' }],
    ['STRIPE_KEY="one\\ntwo" # on one line\n', { STRIPE_KEY: 'one\ntwo' }],
  ])('is read by an import as Compose reads what people write into it: %j', (text, expected) => {
    expect(environmentValues(text)).toEqual(expected)
  })

  it('is read by an import as it was written', () => {
    const text = fc.string({ unit: fc.constantFrom("'", '"', '\\', '$', '\n', '=', '#', ' ', 'n', 'é'), minLength: 1 })
    fc.assert(
      fc.property(text, text, (A, B) => {
        expect(environmentValues(environmentFile({ A, B }, { uid: 7, gid: 8 }))).toMatchObject({ A, B })
      }),
    )
  })
})

const canUnpack = canTestWith(['tar', 'zstd'], 'the export of sites')

describe.runIf(canUnpack)('export', () => {
  let directory = ''
  let archive = Buffer.alloc(0)
  const server = createServer((_, response) => response.end(archive))
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'sitewright-export-'))
    await mkdir(join(directory, 'stored/db'), { recursive: true })
    await writeFile(join(directory, 'stored/db/table'), 'a row')
    await mkdir(join(directory, 'outside'))
    await writeFile(join(directory, 'outside/file'), 'of somebody else')
    await symlink(join(directory, 'outside'), join(directory, 'stored/link'))
    // Names need not be UTF-8.
    await writeFile(Buffer.concat([Buffer.from(join(directory, 'stored/db/caf')), Buffer.of(0xe9)]), 'latin')
    execFileSync('tar', ['-C', join(directory, 'stored'), '--zstd', '-cf', join(directory, 'a.tar.zst'), '.'])
    archive = await readFile(join(directory, 'a.tar.zst'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  })
  afterAll(async () => {
    server.close()
    await rm(directory, { recursive: true, force: true })
  })

  const site = siteSchema.parse({
    ...{ id: 'site_1', slug: 'shop', name: 'Shop', url: 'https://shop.example.com', status: 'active', planName: 'A' },
    ...{ operation: null, storage: null, downSince: null, blueprint: { name: 'site-1', version: 4 } },
    progress: { percent: 100 },
  })
  const { name } = blueprint
  const copy = () => ({
    ...{ id: 'arc_1', at: '2026-01-31T09:30:00.000Z', kind: 'owner', bytes: archive.length },
    blueprint: { name, version: 4 },
  })
  const withBuilds = {
    ...exported,
    file: { ...file, containers: file.containers.map((one) => ({ ...one, build: { context: '.' } })) },
  }

  const scene = (more: Record<string, () => unknown> = {}) => {
    const asked: string[] = []
    const notes: string[] = []
    const answers: Record<string, () => unknown> = {
      'POST /v1/sites/site_1/export': () => withBuilds,
      'POST /v1/sites/site_1/export/secrets': () => ({ secrets: { DB_PASSWORD: 'of-the-data' } }),
      'GET /v1/sites/site_1/archives': () => ({ archives: [copy()] }),
      'GET /v1/sites/site_1/archives/arc_1/download': () => ({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
        manifestUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/manifest`,
      }),
      'GET /v1/sites/site_1': () => site,
      ...more,
    }
    const api: Api = async ({ method = 'GET', path }, schema) => {
      asked.push(`${method} ${path}`)
      return schema.parse(answers[`${method} ${path}`]?.())
    }
    const unused = join(directory, `out-${Math.random()}`)
    const run = (fresh = false, status = 'active', to = unused) =>
      exportSite({
        api,
        site: { ...site, status },
        source: directory,
        to,
        fresh,
        note: (line) => void notes.push(line),
      })
    return { asked, notes, to: unused, run }
  }

  it('writes data, compose file, values and digests, for its owner alone', async () => {
    const { to, run, notes } = scene()
    const done = await run()
    expect(done).toMatchObject({ version: 4, missing: ['STRIPE_KEY'] })
    expect(exportedText(done)).toContain('Nobody can export STRIPE_KEY')
    expect(await readFile(join(to, 'data/db/table'), 'utf8')).toBe('a row')
    const names = await readdir(join(to, 'data/db'), { encoding: 'latin1' })
    expect(names.toSorted()).toEqual(['café', 'table'])
    const { uid: owner } = await stat(Buffer.concat([Buffer.from(join(to, 'data/db/caf')), Buffer.of(0xe9)]))
    expect(owner).toBe(process.getuid?.() === 0 ? dataUser(exported.blueprint).uid : process.getuid?.())
    // Root gives the data to the containers, and nothing that a link in it points to.
    const { uid } = await stat(join(directory, 'outside/file'))
    expect([uid, (await lstat(join(to, 'data/link'))).isSymbolicLink()]).toEqual([process.getuid?.(), true])
    expect((await stat(to)).mode & 0o777).toBe(0o700)
    expect((await stat(join(to, '.env'))).mode & 0o777).toBe(0o600)
    const environment = await readFile(join(to, '.env'), 'utf8')
    expect(environment).toContain("DB_PASSWORD='of-the-data'\n")
    expect(environment).toMatch(/SESSION_KEY='[\w-]{43}'\n/)
    expect(parse(await readFile(join(to, 'sitewright.yaml'), 'utf8'))).toMatchObject({ name: 'shop' })
    const bundle = JSON.parse(await readFile(join(to, 'bundle.json'), 'utf8'))
    expect(bundle).toMatchObject({ format: 'sitewright-software', formatVersion: 2, given: ['STRIPE_KEY'] })
    for (const name of ['archive.tar.zst', 'archive.manifest.jsonl', 'sitewright.yaml']) {
      expect(bundle.sha256[name]).toMatch(/^[0-9a-f]{64}$/)
    }
    // No secret is printed, and none is outside of these two files.
    expect(`${notes}${exportedText(done)}${JSON.stringify(bundle)}`).not.toContain('of-the-data')
  })

  it('is written beside the application, whose images would have its data and secrets', async () => {
    const file = join(directory, 'shop', 'sitewright.yaml')
    expect(exportDirectory(file, 'shop')).toBe('shop-export')
    await mkdir(dirname(file))
    await writeFile(file, '')
    expect(exportDirectory(file, 'shop')).toBe(join(directory, 'shop-export'))
  })

  it('overwrites nothing, and leaves nothing of an export that failed', async () => {
    const short = scene({ 'GET /v1/sites/site_1/archives': () => ({ archives: [{ ...copy(), bytes: 7 }] }) })
    await expect(short.run()).rejects.toMatchObject({
      ending: 'again',
      message: expect.stringContaining('instead of 7'),
    })
    expect((await readdir(directory)).filter((name) => name.startsWith('out-') && short.to.includes(name))).toEqual([])
    const there = scene()
    await mkdir(there.to)
    await expect(there.run()).rejects.toMatchObject({ ending: 'mistake' })
    expect(await readdir(there.to)).toEqual([])
  })

  it('says why a copy cannot be downloaded, also where that breaks off', async () => {
    await using broken = createServer((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('a part', () => response.destroy())
    })
    const port = await listening(broken)
    for (const [at, reason] of [
      [port, /other side closed|ECONNRESET/],
      [1, /bad port|ECONNREFUSED/],
    ] as const) {
      const url = `http://127.0.0.1:${at}/`
      const download = { 'GET /v1/sites/site_1/archives/arc_1/download': () => ({ url, manifestUrl: url }) }
      const message = expect.stringMatching(new RegExp(`^The copy cannot be downloaded: .*(?:${reason.source})`))
      await expect(scene(download).run()).rejects.toMatchObject({ ending: 'again', message })
    }
  })

  it('says why its directory cannot be made', async () => {
    const { run } = scene()
    const runIn = (name: string) => run(false, 'active', join(directory, name))
    await mkdir(join(directory, 'taken'))
    await expect(runIn('taken')).rejects.toThrow('is there already: name another directory.')
    await expect(runIn('x'.repeat(256))).rejects.toThrow(
      / cannot be made \(ENAMETOOLONG: .*: name another directory\.$/,
    )
  })

  it('says what tar says of data that cannot be unpacked, and what to install where it is missing', async () => {
    const whole = archive
    onTestFinished(() => {
      archive = whole
      vi.unstubAllEnvs()
    })
    vi.stubEnv('PATH', directory)
    const install = { ending: 'failed', message: 'The data cannot be unpacked: install `tar` and `zstd`.' }
    await expect(scene().run()).rejects.toMatchObject(install)
    vi.unstubAllEnvs()
    archive = whole.subarray(0, whole.length - 20)
    await expect(scene().run()).rejects.toMatchObject({
      ending: 'failed',
      message: expect.stringMatching(/^The data cannot be unpacked: (?!install)./),
    })
  })

  it('takes a copy if there is none, or a fresh one is wanted, and waits for it', async () => {
    let copies: object[] = []
    const taking = {
      'GET /v1/sites/site_1/archives': () => ({ archives: copies }),
      'POST /v1/sites/site_1/archives': () => {
        copies = [copy()]
      },
    }
    const none = scene(taking)
    expect(await none.run()).toMatchObject({ copy: copy().at })
    expect(none.notes[0]).toContain('The site pauses meanwhile')
    copies = [{ ...copy(), id: 'arc_0' }]
    const fresh = scene(taking)
    await fresh.run(true)
    expect(fresh.asked).toContain('GET /v1/sites/site_1/archives/arc_1/download')
    const failing = scene({ ...taking, 'POST /v1/sites/site_1/archives': () => undefined })
    await expect(failing.run(true)).rejects.toMatchObject({ ending: 'again' })
  })

  it('takes a copy where the newest one has the data of other software, of another version, or from before a restore', async () => {
    const welcome = { kind: 'release', blueprint: { name: 'welcome', version: 4 } }
    for (const other of [welcome, { blueprint: { name, version: 3 } }, { kind: 'restore' }]) {
      let copies: object[] = [{ ...copy(), id: 'arc_0', ...other }]
      const scened = scene({
        'GET /v1/sites/site_1/archives': () => ({ archives: copies }),
        'POST /v1/sites/site_1/archives': () => {
          copies = [copy(), ...copies]
        },
      })
      await scened.run()
      expect(scened.asked).toContain('POST /v1/sites/site_1/archives')
      expect(scened.asked).toContain('GET /v1/sites/site_1/archives/arc_1/download')
    }
    // A site that is not in use cannot be copied.
    const copies = [
      { ...copy(), id: 'arc_0', ...welcome },
      { ...copy(), blueprint: { name, version: 3 } },
    ]
    const ended = scene({ 'GET /v1/sites/site_1/archives': () => ({ archives: copies }) })
    await ended.run(false, 'suspended')
    expect(ended.asked).not.toContain('POST /v1/sites/site_1/archives')
    expect(ended.asked).toContain('GET /v1/sites/site_1/archives/arc_1/download')
    expect(ended.notes.join()).toMatch(/of version 3\. It is \d+ days old; --fresh takes a new one/)
  })
})
