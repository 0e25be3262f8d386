import { execFileSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Api, Refusal, type Request } from '../../../bin/sitewright/api.ts'
import { deploy, send } from '../../../bin/sitewright/deploy.ts'
import { createEnvironment } from '../../../bin/sitewright/environments.ts'
import { Failure } from '../../../bin/sitewright/failure.ts'
import { pullImages, pushImages, pushSaved } from '../../../bin/sitewright/push.ts'
import { readSiteFile } from '../../../bin/sitewright/read-file.ts'
import { freshAccess } from '../../../bin/sitewright/registry-access.ts'
import { siteSchema } from '../../../bin/sitewright/site.ts'
import { shownSite } from './shown-site.ts'

const directory = await mkdtemp(join(tmpdir(), 'sitewright-deploy-'))
afterAll(() => rm(directory, { recursive: true, force: true }))

const digest = `sha256:${'a'.repeat(64)}`
const file = join(directory, 'sitewright.yaml')
const path = process.env['PATH']

/** Plays an engine: it writes down what it is asked, and fails for the words of FAIL. */
const playEngine = async (program: 'docker' | 'podman') => {
  const bin = join(directory, 'bin')
  await rm(bin, { recursive: true, force: true })
  await mkdir(bin)
  const text = `#!/bin/sh
case "$1" in
  info) exit 0 ;;
  --version) echo "${program} version 9" ; exit 0 ;;
  context) if [ "$DOCKER_CONFIG" ]; then exit 1; fi; echo unix:///colima.sock; exit 0 ;;
esac
if [ "$1 $2" = "push --help" ]; then echo "$PUSH_HELP"; exit 0; fi
if [ "$1" = image ]; then echo sha256:${'1234567890ab'.padEnd(64, '0')}; exit 0; fi
echo "$1 $* auth=$(test -n "$DOCKER_CONFIG" && echo own) host=$DOCKER_HOST" >>${directory}/asked
if [ "$1" = push ]; then cat "$DOCKER_CONFIG/config.json" >${directory}/signed; stat -c %a "$REGISTRY_AUTH_FILE" >>${directory}/signed; fi
if [ "$1" = "$FAIL" ]; then echo "line of the engine" >&2; exit 1; fi
if [ "$1" = push ]; then
  if [ "${program}" = podman ]; then while [ "$1" != --digestfile ]; do shift; done; echo ${digest} >"$2"; else echo "web: digest: ${digest} size: 1"; fi
fi
`
  await writeFile(join(bin, program), text)
  await chmod(join(bin, program), 0o755)
  process.env['PATH'] = [bin, '/usr/bin', '/bin'].join(delimiter)
}
const asked = async () => (await readFile(join(directory, 'asked'), 'utf8').catch(() => '')).trim().split('\n')

beforeEach(async () => {
  await writeFile(
    file,
    `name: shop
title: Shop
containers:
  - { name: web, build: { context: ., dockerfile: Dockerfile.web } }
  - { name: db, image: registry.example.com/postgres:17 }
  - { name: cache, image: registry.example.com/redis@${digest} }
traffic: { container: web }
data: { mode: exclusive }
`,
  )
})
afterEach(async () => {
  process.env['PATH'] = path
  delete process.env['FAIL']
  delete process.env['PUSH_HELP']
  await rm(join(directory, 'asked'), { force: true })
})

const site = { ...shownSite, id: 'site_01m8d8dqse50x94f0pagf5jj4x' }
const refusal = (status: number, kind: string, more: object = {}) =>
  new Refusal(status >= 500 ? 'again' : 'refused', kind, status, { type: `urn:sitewright:problem:${kind}`, ...more })
const access = { registry: '127.0.0.1:5000', repository: 'sites/one', username: 'push', password: 'hidden' }

/** The answers to requests that made something. */
const made = new WeakSet<object>()
const newly = <Answer extends object>(answer: Answer): Answer => {
  made.add(answer)
  return answer
}

/** Plays the server: the last of the answers stays. */
const play = (answers: Readonly<Record<string, readonly unknown[]>>) => {
  const left = Object.fromEntries(Object.entries(answers).map(([key, list]) => [key, [...list]]))
  const requests: (Request & { key: string })[] = []
  const api: Api = async (request, schema) => {
    const key = `${request.method ?? 'GET'} ${request.path.replace(site.id, 'ID').replace('/v1/sites', '')}`
    requests.push({ ...request, key })
    const list = left[key] ?? []
    const answer = (list.length > 1 ? list.shift() : list[0]) as object | undefined
    if (answer === undefined) throw new Error(`no answer to ${key}`)
    if (answer instanceof Error) throw answer
    request.seen?.(made.has(answer) ? 202 : 200)
    return schema.parse(answer)
  }
  return { api, requests }
}
const deployment = (status: string, more: object = {}) => ({ deployment: { id: 'dpl_1', version: 4, status, ...more } })
const usual = {
  'GET ': [{ sites: [site] }],
  'POST /ID/deployments/push': [access],
  'POST /ID/deployments': [deployment('proving')],
  'GET /ID/deployments/dpl_1': [deployment('live')],
}

const run = async (
  answers: Readonly<Record<string, readonly unknown[]>>,
  environment: Readonly<Record<string, string>> = {},
  to: { readonly name?: string; readonly slug?: string; readonly secrets?: readonly string[] } = {},
) => {
  const { api, requests } = play({ ...usual, ...answers })
  const notes: string[] = []
  const read = await readSiteFile(file)
  const { slug = 'shop', secrets, ...named } = to
  const note = (line: string) => void notes.push(line)
  const done = await deploy({ ...{ api, read, slug, secrets, environment, note }, to: named }).catch(
    (error: unknown) => error,
  )
  return {
    done,
    requests,
    notes,
    body: requests.find(({ key }) => key === 'POST /ID/deployments')?.body as Record<string, unknown> | undefined,
  }
}

describe('deploy', () => {
  it.each(['docker', 'podman'] as const)('builds, pulls and pushes with %s, and names the digests', async (program) => {
    await playEngine(program)
    const checks = [deployment('deploying'), deployment('live')]
    const { done, body, notes } = await run({ 'GET /ID/deployments/dpl_1': checks })
    expect(done).toMatchObject({ version: 4, status: 'live', url: site.url })
    expect(body).toMatchObject({ file: { name: 'shop' }, images: { web: digest, db: digest, cache: digest } })
    expect(Object.keys(body?.['images'] ?? {})).toEqual(['web', 'db', 'cache'])
    const lines = await asked()
    const target = '127.0.0.1:5000/sites/one'
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'build',
      ...'pull tag pull tag'.split(' '),
      ...'tag tag push tag tag push tag tag push rmi'.split(' '),
    ])
    expect(lines[0]).toMatch(
      new RegExp(
        `--tag localhost/sitewright-push:web-[0-9a-f-]{36} --file ${directory}/Dockerfile.web ${directory} auth= host=`,
      ),
    )
    expect(lines[7]).toContain(`${target}:web-1234567890ab auth=own`)
    expect(lines[10]).toContain(`${target}:db-1234567890ab auth=own`)
    expect(lines[13]).toContain(`${target}:cache-1234567890ab auth=own`)
    expect(lines.join('\n').includes('--tls-verify=false')).toBe(program === 'podman')
    // The password is on no command line, and in no key store of the person, where `login` may put it.
    expect(lines.filter((line) => line.includes('hidden'))).toEqual([])
    const signed = JSON.stringify({ auths: { '127.0.0.1:5000': { auth: btoa('push:hidden') } } })
    expect(await readFile(join(directory, 'signed'), 'utf8')).toBe(`${signed}600\n`)
    expect(notes).toContain('Version 4 is being started')
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('sitewright-push-'))).toEqual([])
  })

  it.each([
    ['docker', '--platform string   Push a platform-specific manifest', ['push', 'push', 'push']],
    ['docker', '-q, --quiet   Suppress verbose output', []],
    ['podman', '', []],
  ] as const)('builds, pulls and pushes with %s for the machines of the sites: %s', async (program, help, pushes) => {
    await playEngine(program)
    process.env['PUSH_HELP'] = help
    const platform = 'linux/s390x'
    const { done } = await run({ 'POST /ID/deployments/push': [{ ...access, platform }] })
    expect(done).toMatchObject({ status: 'live' })
    const forOthers = (await asked()).filter((line) => line.includes(`--platform ${platform} `))
    expect(forOthers.map((line) => line.split(' ')[0])).toEqual(['build', 'pull', 'pull', ...pushes])
    process.env['FAIL'] = 'build'
    const failed = await run({ 'POST /ID/deployments/push': [{ ...access, platform }] })
    expect(failed.done).toMatchObject({
      message: expect.stringMatching(/correct its Dockerfile.web\. Sites run on linux\/s390x, .*setup-qemu-action/),
    })
    delete process.env['FAIL']
    await rm(join(directory, 'asked'))
    const own = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`
    await run({ 'POST /ID/deployments/push': [{ ...access, platform: own }] })
    expect((await asked()).filter((line) => line.includes('--platform'))).toEqual([])
  })

  /** Plays an engine that knows tags, for commands that push code of this version. */
  const playTags = async (program: 'docker' | 'podman' = 'docker') => {
    const tags = join(directory, 'tags')
    await mkdir(tags)
    const script = `#!/bin/sh
at() { echo "${tags}/$(echo "$1" | tr / _)"; }
code() { echo "$1$(printf %052d 0)"; }
case "$1" in
  info) ;;
  --version) echo ${program} ;;
  build) cat "$6/code" >"$(at "$3")" ;;
  pull) echo 300000000003 >"$(at "$4")" ;;
  image) if [ ! -e "$(at "$5")" ]; then exit 1; fi; code $(cat "$(at "$5")") ;;
  tag) cp "$(at "$2")" "$(at "$3")" ;;
  push)
    file=
    if [ ${program} = podman ]; then while [ "$1" != --digestfile ]; do shift; done; file=$2; shift; fi
    if mv ${directory}/early "$(at ended)"; then rm "$(at "$2")"; fi
    if [ ! -e "$(at "$2")" ]; then echo "no image with the tag" >&2; exit 1; fi
    sleep 0.4; said="digest: sha256:$(code $(cat "$(at "$2")"))"
    if [ -n "$file" ]; then echo "$said" >"$file"; else echo "$said"; fi ;;
  rmi) shift 2; for one; do rm "$(at "$one")"; done ;;
  *) exit 1 ;;
esac`
    await playEngine(program)
    await writeFile(join(directory, 'bin', program), script)
    const build = { context: '.', dockerfile: 'Dockerfile' }
    const pushOf = async (
      code: string,
      note: (line: string) => unknown = () => undefined,
      ask = async () => access,
    ) => {
      const base = join(directory, code)
      await mkdir(base, { recursive: true })
      await writeFile(join(base, 'code'), code)
      const read = await readSiteFile(file)
      const containers = read.file.containers.slice(0, 1).map((one) => ({ ...one, build }))
      const named = { ...read, name: join(base, 'sitewright.yaml'), file: { ...read.file, containers } }
      return pushImages(named, ask, note)
    }
    return { tags, pushOf }
  }

  it('pushes its own code while another command deploys with the same engine, and leaves no name of the run', async () => {
    const { tags, pushOf } = await playTags()
    // Another command builds while this one pushes.
    const others: Promise<unknown>[] = []
    const pushed = await pushOf(
      '100000000001',
      (line) => line.startsWith('Push') && others.push(pushOf('200000000002')),
    )
    expect(pushed).toEqual({ web: `sha256:${'100000000001'.padEnd(64, '0')}` })
    expect(await Promise.all(others)).toEqual([{ web: `sha256:${'200000000002'.padEnd(64, '0')}` }])
    // What its next build is made of stays.
    expect(await readdir(tags)).toEqual(['127.0.0.1:5000_sites_one:web'])
    await rm(tags, { recursive: true })
  })

  it('pushes the same code as another command, which ends before the push and removes the name of both', async () => {
    const { tags, pushOf } = await playTags()
    const code = '100000000001'
    const pushed = { web: `sha256:${code.padEnd(64, '0')}` }
    const others: unknown[] = []
    let times = 0
    const ask = async () => {
      times += 1
      // It asks once more before it pushes.
      if (times === 3) others.push(await pushOf(code))
      return access
    }
    expect(await pushOf(code, undefined, ask)).toEqual(pushed)
    expect(others).toEqual([pushed])
    // The other one ends between name and push.
    await writeFile(join(directory, 'early'), '')
    const notes: string[] = []
    expect(await pushOf(code, (line) => notes.push(line))).toEqual(pushed)
    expect(await readdir(tags)).toContain('ended')
    expect(notes).toEqual(["Building 'web'", "Pushing 'web'", "Pushing 'web'"])
    await rm(tags, { recursive: true })
  })

  it.each([
    ['leaves', '100000000001', '100000000001', 'docker', 'postgres:17'],
    ['leaves', '100000000001', '100000000001', 'podman', 'registry.example.com/postgres:17'],
    ['gives an engine without one', undefined, '300000000003', 'docker', 'registry.example.com/postgres:17'],
    // It would name another image `localhost/postgres:17`, and push that one the next time.
    ['does not restore', '100000000001', '300000000003', 'podman', 'postgres:17'],
  ] as const)('%s the image of a name that is pulled for other machines', async (_, former, kept, program, image) => {
    const { tags } = await playTags(program)
    const named = join(tags, image.replaceAll('/', '_'))
    for (const name of former ? [named, join(tags, former.padEnd(64, '0'))] : []) await writeFile(name, former ?? '')
    const read = await readSiteFile(file)
    const containers = read.file.containers.slice(1, 2).map((one) => ({ ...one, image }))
    const ofDb = { ...read, file: { ...read.file, containers } }
    const pushed = await pushImages(
      ofDb,
      async () => ({ ...access, platform: 'linux/s390x' }),
      () => undefined,
    )
    expect(pushed).toEqual({ db: `sha256:${'300000000003'.padEnd(64, '0')}` })
    expect((await readFile(named, 'utf8')).trim()).toBe(kept)
    await rm(tags, { recursive: true })
  })

  it('pushes with credentials that are valid for most of an hour, however long builds and other pushes take', async () => {
    await playEngine('docker')
    vi.useFakeTimers({ toFake: ['Date'] })
    try {
      const read = await readSiteFile(file)
      const notes: string[] = []
      const note = (line: string) => {
        notes.push(line)
        vi.setSystemTime(Date.now() + 40 * 60_000)
      }
      const ask = freshAccess(async () => {
        notes.push('asks')
        return access
      })
      expect(await pushImages(read, ask, note)).toEqual({ web: digest, db: digest, cache: digest })
      const pulling = ['postgres:17', `redis@${digest}`].map((image) => `Pulling registry.example.com/${image}`)
      const pushing = ['web', 'db', 'cache'].flatMap((name) => ['asks', `Pushing '${name}'`])
      expect(notes).toEqual(['asks', "Building 'web'", ...pulling, ...pushing])
    } finally {
      vi.useRealTimers()
    }
  })

  it('pushes at the engine of the chosen Docker context, which builds', async () => {
    await playEngine('docker')
    await run({})
    const lines = await asked()
    const talking = lines.filter((line) => line.startsWith('push'))
    expect(talking.map((line) => line.split(' ').at(-1))).toEqual(Array(3).fill('host=unix:///colima.sock'))
    // Podman has no such contexts.
    await playEngine('podman')
    await run({})
    expect((await asked()).slice(lines.length).filter((line) => line.includes('colima'))).toEqual([])
  })

  it('keeps data and secrets of `dev` out of the images that it builds', async () => {
    await playEngine('docker')
    const ignoring = join(directory, '.dockerignore')
    await run({})
    await expect(readFile(ignoring)).rejects.toThrow('ENOENT')
    await mkdir(join(directory, '.sitewright-dev'))
    await writeFile(ignoring, 'node_modules')
    await run({})
    await run({})
    expect(await readFile(ignoring, 'utf8')).toBe('node_modules\n.sitewright-dev\n')
    // Engines read these instead, where they are there.
    const instead = ['.containerignore', 'Dockerfile.web.dockerignore', 'Dockerfile.web.containerignore']
    for (const name of instead) await writeFile(join(directory, name), '*.md\n')
    await run({})
    await run({})
    for (const name of instead) expect(await readFile(join(directory, name), 'utf8')).toBe('*.md\n.sitewright-dev\n')
    const made = ['.sitewright-dev', '.dockerignore', ...instead]
    for (const path of made) await rm(join(directory, path), { recursive: true })
  })

  it('pushes what a file pins, made for the machines of the sites: these pull from no other registry', async () => {
    await playEngine('docker')
    const { body } = await run({ 'POST /ID/deployments/push': [{ ...access, platform: 'linux/s390x' }] })
    expect(body?.['images']).toEqual({ web: digest, db: digest, cache: digest })
    const pinned = `registry.example.com/redis@${digest}`
    const words = (await asked()).filter((line) => line.includes(pinned)).map((line) => line.split(' auth=')[0])
    expect(words[0]).toBe(`pull pull --platform linux/s390x ${pinned}`)
    expect(words[1]).toContain(`tag tag ${pinned} localhost/sitewright-push:cache-`)
  })

  it.each(['docker', 'podman'] as const)('loads and pushes the images of an export with %s', async (program) => {
    await playEngine(program)
    const saved = { web: '/export/images/web.tar' }
    const name = (container: string) => `localhost/shop/${container}:3`
    expect(await pushSaved(saved, async () => access, { name, note: () => undefined })).toEqual({ web: digest })
    const lines = await asked()
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['load', 'tag', 'tag', 'tag', 'push', 'rmi'])
    expect(lines[0]).toContain('--input /export/images/web.tar')
    expect(lines[1]).toContain('localhost/shop/web:3 localhost/sitewright-push:web-')
    expect(lines[4]).toContain('127.0.0.1:5000/sites/one:web-1234567890ab auth=own')
  })

  it.each([
    ['build', 'failed', "The image of 'web' cannot be built: correct its Dockerfile.web."],
    ['push', 'again', "'web' cannot be pushed. Try again."],
  ])('says which image fails at its %s, with the last lines of the engine', async (act, ending, message) => {
    await playEngine('docker')
    process.env['FAIL'] = act
    const { done, notes, body } = await run({})
    expect(done).toMatchObject({ ending, message })
    expect(notes.at(-1)).toBe('  line of the engine')
    expect(body).toBeUndefined()
  })

  it('says that an image of an export cannot be pulled now', async () => {
    await playEngine('docker')
    process.env['FAIL'] = 'pull'
    const pull = { name: String, to: directory, note: () => undefined }
    await expect(pullImages([['web', digest]], access, pull)).rejects.toMatchObject({ ending: 'again' })
  })

  it('needs an engine', async () => {
    process.env['PATH'] = join(directory, 'nothing')
    expect((await run({})).done).toMatchObject({
      ending: 'failed',
      message: expect.stringContaining('neither Docker nor Podman'),
    })
  })

  it('says how git trusts a repository of another user, whose commit is not noted', async () => {
    await playEngine('docker')
    const trust = 'git config --global --add safe.directory /builds/shop'
    const script = `#!/bin/sh\nprintf 'fatal: detected dubious ownership in repository\\n\\n\\t${trust}\\n' >&2\nexit 128\n`
    await writeFile(join(directory, 'bin/git'), script, { mode: 0o755 })
    const { requests, notes } = await run({})
    expect(notes).toContain(`The commit is not recorded, because the repository is another user's. Run: ${trust}`)
    expect(requests.find(({ key }) => key === 'POST /ID/deployments')?.body).not.toHaveProperty('commit')
  })

  it('makes the site that is not there, and notes the commit', async () => {
    await playEngine('docker')
    const git = (...words: readonly string[]) =>
      execFileSync(
        '/usr/bin/git',
        ['-C', directory, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...words],
        { encoding: 'utf8' },
      )
    git('init', '--quiet')
    git('commit', '--quiet', '--allow-empty', '--message', 'first')
    const commit = git('rev-parse', 'HEAD').trim()
    const { requests, body } = await run({ 'GET ': [{ sites: [] }], 'POST ': [site] })
    await rm(join(directory, '.git'), { recursive: true })
    expect(requests.find(({ key }) => key === 'POST ')).toMatchObject({
      body: { slug: 'shop', name: 'Shop', software: 'own' },
      idempotencyKey: expect.any(String),
    })
    expect(body?.['commit']).toBe(`${commit} and changes`)
  })

  it('repeats a request whose answer was lost, with the same key', async () => {
    await playEngine('docker')
    const lost = new Failure('again', 'lost')
    const { done, requests } = await run({
      'POST /ID/deployments': [lost, deployment('proving')],
      'GET /ID/deployments/dpl_1': [lost, deployment('live')],
    })
    expect(done).toMatchObject({ status: 'live' })
    const keys = requests
      .filter(({ key }) => key === 'POST /ID/deployments')
      .map(({ idempotencyKey }) => idempotencyKey)
    expect(keys).toEqual([expect.any(String), keys[0]])
  })

  it('repeats the request for an environment, which the server makes once, and the checks of its build', async () => {
    const lost = new Failure('again', 'lost')
    const environment = { name: 'qa', siteId: site.id, endsAt: null }
    const shown = (status: string) => ({ ...site, id: 'site_qa', status, environment })
    const { api, requests } = play({
      'POST /ID/environments': [lost, shown('building')],
      'GET /site_qa': [lost, shown('active')],
    })
    const found = await createEnvironment(api, siteSchema.parse(site), { name: 'qa' }, {})
    expect(found).toMatchObject({ made: { status: 'active' }, isNew: false })
    expect(requests.map(({ key }) => key)).toEqual([
      'POST /ID/environments',
      'POST /ID/environments',
      'GET /site_qa',
      'GET /site_qa',
    ])
  })

  it('asks nobody to repeat what was accepted, where the server is lost meanwhile', async () => {
    const { api } = play({
      'POST /ID/deployments/rollback': [deployment('proving')],
      'GET /ID/deployments/dpl_1': [refusal(503, 'unavailable')],
    })
    vi.useFakeTimers({ toFake: ['setTimeout'] })
    try {
      const sent = send({ api, note: () => undefined }, siteSchema.parse(site), '/rollback', {})
      const ended = sent.catch((error: unknown) => error)
      await vi.advanceTimersByTimeAsync(20_000)
      expect(await ended).toMatchObject({
        ending: 'failed',
        message: expect.stringContaining('Version 4 was accepted, and goes on without this command'),
      })
    } finally {
      vi.useRealTimers()
    }
  })

  it('fails with cause and last lines if the site went back', async () => {
    await playEngine('docker')
    const { done } = await run({
      'GET /ID/deployments/dpl_1': [deployment('went-back', { cause: 'It ended with 3.', lines: ['[web] no module'] })],
    })
    expect(done).toMatchObject({
      ending: 'failed',
      message: 'Version 4 does not work. The site runs as before.\nIt ended with 3.\n  [web] no module',
    })
  })

  it('shows the lines of a file that the server refuses', async () => {
    await playEngine('docker')
    const errors = [{ path: 'containers.1.image', message: 'is for another machine' }]
    const { done } = await run({ 'POST /ID/deployments': [refusal(422, 'blueprint-invalid', { errors })] })
    expect(done).toMatchObject({
      ending: 'mistake',
      problems: [{ path: 'containers.1.image', line: 5, message: 'is for another machine' }],
    })
  })

  it('asks for the push to what it deploys to, and says which environment it will make', async () => {
    await playEngine('docker')
    await writeFile(file, `${await readFile(file, 'utf8')}environments: { qa: {} }\n`)
    const environments = [{ ...site, id: 'site_2', environment: { name: 'qa', siteId: site.id, endsAt: null } }]
    const asked = async (list: readonly object[]) => {
      const refused = { 'POST /site_2/deployments/push': [refusal(403, 'forbidden')] }
      const answers = { ...refused, 'GET /ID/environments': [{ environments: list, max: 2 }] }
      const named = { 'POST /ID/deployments/push?environment=qa': [refusal(403, 'forbidden')] }
      const { requests, done } = await run({ ...answers, ...named }, {}, { name: 'qa' })
      expect(done).toMatchObject({ ending: 'refused' })
      return requests.at(-1)?.key
    }
    expect(await asked(environments)).toBe('POST /site_2/deployments/push')
    expect(await asked([])).toBe('POST /ID/deployments/push?environment=qa')
  })

  it('builds and pushes nothing for an environment that neither is there nor has a block', async () => {
    await playEngine('docker')
    const { done, requests } = await run({ 'GET /ID/environments': [{ environments: [], max: 2 }] }, {}, { name: 'aq' })
    expect(done).toMatchObject({
      ending: 'refused',
      message: expect.stringContaining('create it with: sitewright env'),
    })
    expect(requests.map(({ key }) => key)).toEqual(['GET ', 'GET /ID/environments'])
    expect(await asked()).toEqual([''])
  })

  it('builds nothing where a secret that is named for a new environment has no value', async () => {
    await playEngine('docker')
    await writeFile(file, `${await readFile(file, 'utf8')}environments: { qa: {} }\n`)
    const none = { 'GET /ID/environments': [{ environments: [], max: 2 }] }
    const { done } = await run(none, {}, { name: 'qa', secrets: ['STRIPE_KEY'] })
    expect(done).toMatchObject({ ending: 'mistake', message: expect.stringContaining('There is no STRIPE_KEY') })
    expect(await asked()).toEqual([''])
  })

  it('says how to set the values of an environment alone, and those of a site that is not in the file', async () => {
    await playEngine('docker')
    const errors = [{ path: 'secrets.STRIPE_KEY', message: 'needs a value' }]
    const refused = [refusal(400, 'invalid-request', { errors })]
    const advice = async (to: Parameters<typeof run>[2], path: string) => {
      const environments = [{ ...site, id: 'site_2', environment: { name: 'qa', siteId: site.id, endsAt: null } }]
      const answers = { [`POST /${path}/deployments/push`]: [access], [`POST /${path}/deployments`]: refused }
      const lists = {
        'GET ': [{ sites: [site, { ...site, slug: 'other' }] }],
        'GET /ID/environments': [{ environments, max: 2 }],
      }
      const { done } = await run({ ...answers, ...lists }, {}, to)
      return (done as Failure).message.split('\n').at(-1)
    }
    const set = 'Set it, and deploy again: sitewright'
    expect(await advice({}, 'ID')).toBe(`${set} secrets set STRIPE_KEY`)
    expect(await advice({ name: 'qa' }, 'site_2')).toBe(`${set} secrets set STRIPE_KEY --env qa`)
    expect(await advice({ slug: 'other' }, 'ID')).toBe(`${set} --site other secrets set STRIPE_KEY`)
  })

  it('makes an environment with the secrets that are named, and says how where one is missing', async () => {
    await playEngine('docker')
    await writeFile(file, `${await readFile(file, 'utf8')}environments: { qa: {} }\n`)
    const shown = newly({ ...site, id: 'site_qa', environment: { name: 'qa', siteId: site.id, endsAt: null } })
    const errors = [{ path: 'secrets.STRIPE_KEY', message: 'needs a value' }]
    const answers = {
      'GET /ID/environments': [{ environments: [], max: 2 }],
      'POST /ID/deployments/push?environment=qa': [access],
      'POST /ID/environments': [refusal(400, 'invalid-request', { errors }), shown],
    }
    const without = await run(answers, { STRIPE_KEY: 'test_1' }, { name: 'qa' })
    expect(without.done).toMatchObject({
      ending: 'refused',
      message: expect.stringMatching(/with: --secret STRIPE_KEY$/),
    })
    const first = deployment('replaced').deployment
    // Nothing of this machine goes to the server unless somebody names it.
    expect(JSON.stringify(without.requests)).not.toContain('test_1')
    const more = {
      'POST /ID/environments': [shown],
      // Somebody else has deployed since.
      'GET /site_qa/deployments': [{ deployments: [{ id: 'dpl_2', version: 5, status: 'live' }, first] }],
    }
    const to = { name: 'qa', secrets: ['STRIPE_KEY'] }
    const { done, requests } = await run({ ...answers, ...more }, { STRIPE_KEY: 'test_1' }, to)
    expect(done).toMatchObject({ version: 4, status: 'replaced' })
    expect(requests.find(({ key }) => key === 'POST /ID/environments')?.body).toMatchObject({
      ...{ name: 'qa', secrets: { STRIPE_KEY: 'test_1' }, deployment: { images: { web: digest } } },
    })
    expect((await run(answers, {}, to)).done).toMatchObject({ ending: 'mistake' })
  })

  it('deploys to an environment that somebody else made during the build', async () => {
    await playEngine('docker')
    await writeFile(file, `${await readFile(file, 'utf8')}environments: { qa: {} }\n`)
    const shown = { ...site, id: 'site_qa', environment: { name: 'qa', siteId: site.id, endsAt: null } }
    const { done, requests } = await run(
      {
        'GET /ID/environments': [{ environments: [], max: 2 }],
        'POST /ID/deployments/push?environment=qa': [access],
        'POST /ID/environments': [shown],
        'GET /site_qa/deployments': [{ deployments: [{ id: 'dpl_0', version: 3, status: 'live' }] }],
        'POST /site_qa/deployments': [deployment('proving')],
        'GET /site_qa/deployments/dpl_1': [deployment('live')],
      },
      {},
      { name: 'qa' },
    )
    expect(done).toMatchObject({ version: 4, status: 'live' })
    expect(requests.find(({ key }) => key === 'POST /site_qa/deployments')?.body).toMatchObject({
      images: { web: digest },
    })
  })

  it('restores an environment that was deleted, once its stop has ended, and deploys to it', async () => {
    await playEngine('docker')
    const environment = { name: 'qa', siteId: site.id, endsAt: null }
    const deleted = { ...site, id: 'site_qa', status: 'suspended', environment, deletion: { purgeAt: '2026-01-31' } }
    const restoring = { ...deleted, status: 'archived', operation: 'restore', deletion: null }
    const restored = { ...restoring, status: 'active', operation: null }
    const { done, requests, notes } = await run(
      {
        'GET /ID/environments': [{ environments: [deleted], max: 2 }],
        'POST /ID/environments/qa/restore': [refusal(409, 'operation-in-progress'), restoring],
        'GET /site_qa': [restoring, restored],
        'POST /site_qa/deployments/push': [access],
        'POST /site_qa/deployments': [deployment('proving')],
        'GET /site_qa/deployments/dpl_1': [deployment('live')],
      },
      {},
      { name: 'qa' },
    )
    expect(done).toMatchObject({ status: 'live' })
    expect(requests.map(({ key }) => key).slice(1, 7)).toEqual([
      'GET /ID/environments',
      'POST /ID/environments/qa/restore',
      'POST /ID/environments/qa/restore',
      'GET /site_qa',
      'GET /site_qa',
      'POST /site_qa/deployments/push',
    ])
    expect(notes).toContain("Restoring the environment 'qa', which was deleted, with its data")
  })

  it('says what the server says of a site that gets no deployment', async () => {
    await playEngine('docker')
    const { done } = await run({ 'POST /ID/deployments/push': [refusal(409, 'transition-not-allowed')] })
    expect(done).toMatchObject({ ending: 'refused', message: 'transition-not-allowed' })
  })

  it('copies plain processes into the home of the host, and refuses elsewhere', async () => {
    await writeFile(
      file,
      (await readFile(file, 'utf8'))
        .replace(/ {2}- \{ name: (?:db|cache).*\n/g, '')
        .replace('build: { context: ., dockerfile: Dockerfile.web }', 'process: { command: [node, x.js] }'),
    )
    const answers = { 'POST /ID/deployments/push': [refusal(409, 'no-registry')] }
    const home = join(directory, 'home')
    expect((await run(answers, { SITEWRIGHT_HOME: home })).done).toMatchObject({
      ending: 'refused',
      message: expect.stringContaining('SITEWRIGHT_HOME'),
    })
    await mkdir(home)
    await writeFile(join(home, 'home.json'), '{}')
    const { done, body } = await run(answers, { SITEWRIGHT_HOME: home })
    expect(done).toMatchObject({ status: 'live' })
    const [snapshot = ''] = await readdir(join(home, 'snapshots', site.id))
    expect(body).toEqual({ file: expect.anything(), snapshot })
    expect(await readdir(join(home, 'snapshots', site.id, snapshot, 'files'))).toContain('sitewright.yaml')
    await rm(home, { recursive: true })
  })
})
