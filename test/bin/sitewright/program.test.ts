import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { join, relative, resolve } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { createApi, withRetries } from '../../../bin/sitewright/api.ts'
import { createEnvironment } from '../../../bin/sitewright/environments.ts'
import { runSitewright } from '../../../bin/sitewright/program.ts'
import { findSite } from '../../../bin/sitewright/site.ts'
import { environmentOfBranch } from '../../../core/hostname/derived-name.ts'
import { childEnvironment } from '../../support/child-environment.ts'
import { listening } from '../../support/listening.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { shownSite } from './shown-site.ts'

const home = await directoryForAll()

interface Played {
  readonly status?: number
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}
const requests: { method: string; path: string; token: string | undefined; body: unknown }[] = []
const answers: Record<string, (body: Record<string, unknown>) => Played> = {}

const read = async (request: IncomingMessage) => {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text === '' ? {} : JSON.parse(text)
}
const server = createServer(async (request, response) => {
  const { method = '', url = '' } = request
  const body = await read(request)
  requests.push({ method, path: url, token: request.headers.authorization, body })
  const {
    status = 200,
    body: answer,
    headers = {},
  } = answers[`${method} ${url.split('?')[0]}`]?.(body) ?? { status: 404, body: {} }
  response.writeHead(status, headers).end(answer === undefined ? 'no JSON' : JSON.stringify(answer))
})
const port = await listening(server)
afterAll(() => void server.close())
const url = `http://127.0.0.1:${port}`

afterEach(() => {
  requests.length = 0
  for (const key of Object.keys(answers)) delete answers[key]
})

const run = async (
  words: readonly string[],
  { input = '', environment = {} }: { input?: string | Readable; environment?: object } = {},
) => {
  const printed: string[] = []
  let said = ''
  const code = await runSitewright(words, {
    environment: { XDG_CONFIG_HOME: home, SITEWRIGHT_URL: url, ...environment },
    input: typeof input === 'string' ? Readable.from([input]) : input,
    print: (line) => void printed.push(line),
    say: (text) => {
      said += text
    },
  })
  return { code, printed, said }
}

const site = { ...shownSite, newer: 'field' }
const usage = {
  storage: { usedBytes: 5 * 2 ** 20, maxBytes: 1024 * 2 ** 20 },
  periods: [
    {
      requests: 9,
      errors: { client: 4, server: 2 },
      latency: [
        { atMostMilliseconds: 1000, answers: 6 },
        { atMostMilliseconds: 2500, answers: 2 },
        { atMostMilliseconds: null, answers: 1 },
      ],
    },
  ],
}
const problem = (kind: string, detail: string, more: object = {}) => ({
  type: `urn:sitewright:problem:${kind}`,
  title: 'No',
  detail,
  ...more,
})
const playSite = (more: object = {}) => {
  answers['GET /v1/sites'] = () => ({ body: { sites: [{ ...site, ...more }] } })
  answers['GET /v1/sites/site_1/usage'] = () => ({ body: usage })
  answers['GET /v1/sites/site_1/deployments'] = () => ({ body: { deployments: [] } })
}
const token = { environment: { SITEWRIGHT_TOKEN: 'secret-token' } }

describe('login', () => {
  const playLogin = () => {
    answers['POST /v1/signups'] = () => ({ status: 201, body: { id: 'sgn_1' } })
    answers['POST /v1/signups/sgn_1/verification'] = ({ code }) =>
      code === 'WDJB-MJHT'
        ? {
            body: {
              account: { id: 'acc_1', email: 'ada@example.com' },
              session: { token: 'secret-session', expiresAt: '2026-01-01' },
            },
          }
        : { status: 422, body: problem('code-wrong', 'The code is wrong.') }
  }

  it('keeps the session for its owner alone, and shows no token', async () => {
    playLogin()
    const { code, printed, said } = await run(['login', 'ada@example.com'], { input: 'wrong\nWDJB-MJHT\n' })
    expect([code, printed]).toEqual([0, [`You are signed in at ${url} as ada@example.com. Your account is acc_1.`]])
    expect(said).toContain('The code is wrong. Enter the code: ')
    const file = join(home, 'sitewright/session.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect((await stat(join(home, 'sitewright'))).mode & 0o777).toBe(0o700)
    expect(await readdir(join(home, 'sitewright'))).toEqual(['session.json'])
    expect(await readFile(file, 'utf8')).toContain('secret-session')
    expect(`${printed}${said}`).not.toContain('secret-session')

    playSite()
    expect((await run(['status', '--site', 'shop'])).code).toBe(0)
    expect(requests.at(-1)?.token).toBe('Bearer secret-session')
    // The server of the last login.
    expect((await run(['status', '--site', 'shop'], { environment: { SITEWRIGHT_URL: '' } })).code).toBe(0)
    answers['GET /v1/sites'] = () => ({ status: 401, body: problem('unauthenticated', 'It has ended.') })
    const ended = await run(['status', '--site', 'shop'])
    expect([ended.code, ended.said]).toEqual([3, 'It has ended. Sign in again: sitewright login EMAIL\n'])
  })

  it('says that a token of the environment is used in place of the session', async () => {
    playLogin()
    const { code, said } = await run(['login', 'ada@example.com'], { ...token, input: 'WDJB-MJHT' })
    expect([code, said]).toEqual([0, expect.stringContaining('SITEWRIGHT_TOKEN is set, and commands use it')])
  })

  it('sends the session to no other server', async () => {
    const elsewhere = await run(['status', '--site', 'shop'], {
      environment: { SITEWRIGHT_URL: url.replace('127.0.0.1', 'localhost') },
    })
    expect([elsewhere.code, requests]).toEqual([3, []])
    answers['GET /v1/sites'] = () => ({ status: 307, headers: { location: `${url}/elsewhere` } })
    expect((await run(['status', '--site', 'shop'])).code).toBe(5)
    expect(requests.map(({ path }) => path)).toEqual(['/v1/sites'])
    const open = await run(['status', '--site', 'shop'], {
      environment: { SITEWRIGHT_URL: 'http://sites.example.com' },
    })
    expect([open.code, open.said]).toEqual([2, expect.stringContaining('https://')])
  })

  it('needs no newer Node.js than its package says, which has no `URL.parse`', async () => {
    const parse = Object.getOwnPropertyDescriptor(URL, 'parse')!
    Reflect.deleteProperty(URL, 'parse')
    try {
      playSite()
      expect((await run(['status', '--site', 'shop'], token)).code).toBe(0)
      const wrong = await run(['status', '--site', 'shop'], { environment: { SITEWRIGHT_URL: 'sites' } })
      expect([wrong.code, wrong.said]).toEqual([2, expect.stringContaining('https://')])
    } finally {
      Object.defineProperty(URL, 'parse', parse)
    }
  })

  it('refuses a session that others can read', async () => {
    const file = join(home, 'sitewright/session.json')
    await chmod(file, 0o644)
    const { code, said } = await run(['status', '--site', 'shop'])
    expect([code, said]).toEqual([3, `Others can read your session. Run: chmod 600 '${file}'\n`])
    await chmod(file, 0o600)
  })

  it('says what to do where the session can be neither read nor kept', async () => {
    playLogin()
    const environment = { XDG_CONFIG_HOME: join(home, 'other') }
    const file = join(home, 'other/sitewright/session.json')
    await mkdir(file, { recursive: true })
    const status = await run(['status', '--site', 'shop'], { environment })
    expect([status.code, status.said]).toEqual([3, expect.stringContaining(`${file} cannot be read. Delete it`)])
    const login = await run(['login', 'ada@example.com'], { input: 'WDJB-MJHT', environment })
    expect([login.code, login.said]).toEqual([1, expect.stringMatching(/cannot be kept in .*, or set XDG_CONFIG_HOME/)])
  })

  it('keeps no session in the directory of the work', async () => {
    const environment = { XDG_CONFIG_HOME: relative('.', home) }
    const { said } = await run(['status', '--site', 'shop'], { environment })
    expect(said).toContain('You are not signed in')
  })

  it('solves the proof of work that a server under pressure asks for', async () => {
    playLogin()
    const challenge = {
      parameters: {
        algorithm: 'PBKDF2/SHA-256',
        cost: 1,
        data: { expiresAt: '2030-01-01T00:00:00.000Z' },
        keyLength: 32,
        keyPrefix: '00',
        keySignature: '00',
        nonce: '00',
        salt: '00',
      },
      signature: '00',
    }
    answers['POST /v1/signups'] = ({ proof }) =>
      proof === undefined
        ? { status: 428, body: problem('proof-of-work-required', 'Prove it.', { challenge }) }
        : { status: 201, body: { id: 'sgn_1' } }
    expect((await run(['login', 'ada@example.com'], { input: 'WDJB-MJHT' })).code).toBe(0)
    expect(requests[1]?.body).toMatchObject({ proof: { solution: { derivedKey: expect.stringMatching(/^00/) } } })
  })

  it('fails without a code', async () => {
    playLogin()
    expect((await run(['login', 'ada@example.com'])).code).toBe(3)
  })
})

describe('status', () => {
  it('says that a site is reachable, its version, disk, errors and slow answers', async () => {
    playSite()
    const { code, printed } = await run(['status', '--site', 'shop'], token)
    expect([code, printed.join('\n')]).toEqual([
      0,
      `shop is reachable
  address    https://shop.example.com
  version    3
  plan       Agency
  disk       5 MiB of 1024 MiB
  last hour  9 requests, 2 errors, 3 answers slower than 1 s`,
    ])
  })

  it('says whose version a site runs that nothing was deployed to', async () => {
    playSite({ blueprint: { name: 'welcome', version: 7 } })
    const { printed } = await run(['status', '--site', 'shop'], token)
    expect(printed[0]).toContain("version    7 of 'welcome'\n")
  })

  const qa = { name: 'qa', siteId: 'site_2', endsAt: null }
  const deletion = { purgeAt: null }
  const theirs = { purgeAt: null, revocable: false }
  const downSince = '2026-01-01T00:00:00.000Z'
  it.each([
    [{ status: 'asleep' }, 0, 'shop is reachable: it sleeps'],
    [
      { downSince },
      1,
      `shop is not reachable: it has not answered since ${downSince}: see sitewright --site shop logs`,
    ],
    [{ downSince, environment: qa }, 1, 'see sitewright --site shop logs qa'],
    [{ status: 'suspended' }, 1, 'it is suspended: resume it'],
    [{ status: 'suspended', deletion }, 1, 'it was deleted: cancel the deletion in the console'],
    [{ status: 'suspended', deletion: theirs }, 1, 'it is being deleted: contact us'],
    [{ status: 'archived', environment: qa, deletion: theirs }, 1, 'it is being deleted: contact us'],
    [{ status: 'suspended', environment: qa }, 1, 'it is suspended: sitewright --site shop env restore qa'],
    [{ status: 'archived', environment: qa, deletion }, 1, 'it was deleted: sitewright --site shop env restore qa'],
    [{ status: 'building', progress: { percent: 40 } }, 1, 'it is being built (40 %)'],
    [{ status: 'failed', failure: { reason: 'The image is not there.' } }, 1, 'not reachable: The image is not there.'],
  ])('says why: %j', async (more, code, text) => {
    playSite(more)
    const answer = await run(['status', '--site', 'shop'], token)
    expect([answer.code, answer.printed[0]]).toEqual([code, expect.stringContaining(text)])
  })

  it('says which commit runs, and how a newer deployment ended', async () => {
    playSite()
    const play = (deployment: object) => {
      answers['GET /v1/sites/site_1/deployments'] = () => ({ body: { deployments: [{ id: 'dpl_1', ...deployment }] } })
    }
    play({ version: 3, status: 'live', commit: 'abc123' })
    expect((await run(['status', '--site', 'shop'], token)).printed[0]).toContain('version    3, commit abc123\n')
    play({ version: 4, status: 'went-back', commit: 'def456', cause: 'It ended with 3.' })
    const { code, printed } = await run(['status', '--site', 'shop'], token)
    expect(printed[0]).toContain('version    3\n  newest     4: did not work. It ended with 3.')
    expect(code).toBe(0)
  })

  it('finds a site on a later page', async () => {
    const pages = [{ sites: [{ ...site, slug: 'other' }], cursor: 'next/1' }, { sites: [site] }]
    answers['GET /v1/sites'] = () => ({ body: pages.shift() ?? {} })
    answers['GET /v1/sites/site_1/usage'] = () => ({ body: usage })
    answers['GET /v1/sites/site_1/deployments'] = () => ({ body: { deployments: [] } })
    expect((await run(['status', '--site', 'shop'], token)).code).toBe(0)
    expect(requests[1]?.path).toBe('/v1/sites?cursor=next%2F1')
  })

  it('prints JSON', async () => {
    playSite()
    const { printed } = await run(['--json', 'status', '--site', 'shop'], token)
    expect(printed.map((line) => JSON.parse(line))).toMatchObject([
      { isReachable: true, version: 3, lastHour: { errors: 2 } },
    ])
  })
})

describe('an environment', () => {
  it.each([
    [202, true],
    [200, false],
  ])('is new by the status %i of the answer: %s', async (status, isNew) => {
    const environment = { name: 'qa', siteId: 'site_1', endsAt: null }
    answers['POST /v1/sites/site_1/environments'] = () => ({ status, body: { ...site, environment } })
    expect(await createEnvironment(createApi(url), site, { name: 'qa' }, {})).toMatchObject({ isNew })
  })

  it('is named after options that name secrets', async () => {
    playSite()
    const environment = { name: 'qa', siteId: 'site_1', endsAt: null }
    answers['POST /v1/sites/site_1/environments'] = () => ({ status: 202, body: { ...site, environment } })
    const words = ['env', 'create', '--site', 'shop', '--secret', 'STRIPE_KEY', '--secret', 'MAIL_KEY', 'qa']
    const values = { STRIPE_KEY: 'one', MAIL_KEY: 'two' }
    await run(words, { environment: { ...token.environment, ...values } })
    const made = requests.find(({ method, path }) => method === 'POST' && path.endsWith('/environments'))
    expect(made?.body).toMatchObject({ name: 'qa', secrets: values })
  })

  it('of a branch that was deleted is restored, as with a deployment', async () => {
    playSite()
    const name = environmentOfBranch('f/1', 'shop')
    const environment = { name, branch: 'f/1', siteId: 'site_1', endsAt: null }
    const deleted = { ...site, status: 'suspended', environment, deletion: { purgeAt: null } }
    const refused = { status: 409, body: problem('transition-not-allowed', 'It was deleted.') }
    answers['POST /v1/sites/site_1/environments'] = () => refused
    answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments: [deleted], max: 1 } })
    answers[`POST /v1/sites/site_1/environments/${name}/restore`] = () => ({ body: { ...site, environment } })
    const words = ['env', 'create', '--branch', 'f/1', '--site', 'shop']
    const { code, printed, said } = await run(words, token)
    expect([code, printed]).toEqual([0, [expect.stringContaining(`${name}: active`)]])
    expect(said).toContain(`Restoring the environment '${name}', which was deleted, with its data`)
    const failed = { body: { ...site, status: 'archived', environment } }
    answers[`POST /v1/sites/site_1/environments/${name}/restore`] = () => failed
    expect(await run(words, token)).toMatchObject({ code: 5, said: expect.stringContaining('Try again.') })
    answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments: [], max: 1 } })
    expect(await run(words, token)).toMatchObject({ code: 4, said: expect.stringContaining('It was deleted.') })
  })

  it.each(['status', 'deploy', 'rollback', 'env extend', 'env delete', 'env restore', 'vars --env', 'promote'])(
    'is not named twice, nor confused with the one of a branch: %s',
    async (command) => {
      const { code, said } = await run([...command.split(' '), 'qa', '--branch', 'f/1', '--site', 'shop'], token)
      expect([code, said, requests]).toEqual([2, expect.stringContaining("'f/1'"), []])
    },
  )

  it.each([
    [['qa'], 'env create qa'],
    [['--branch', 'f/1'], 'env create --branch f/1'],
  ])('that is missing has the command that creates it, for the same site: %j', async (words, advice) => {
    playSite()
    answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments: [], max: 2 } })
    const { code, said } = await run(['status', ...words, '--site', 'shop'], token)
    expect([code, said]).toEqual([4, expect.stringContaining(`Create it with: sitewright --site shop ${advice}\n`)])
  })

  it('that is deleted is listed, and takes no place', async () => {
    playSite()
    const environment = { name: 'qa', siteId: 'site_1', endsAt: null }
    const environments = [
      { ...site, environment, deletion: { purgeAt: null } },
      { ...site, environment, deletion: { purgeAt: null, revocable: false } },
      { ...site, environment },
    ]
    answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments, max: 1 } })
    const { printed } = await run(['env', 'list', '--site', 'shop'], token)
    expect(printed[0]).toMatch(
      /^qa: .*deleted, can be restored.*\nqa: .*, is being deleted by us.*\nqa: .*\n1 of 1 environments$/,
    )
  })

  describe('at the end of a branch', () => {
    const endsAt = '2026-12-01T00:00:00.000Z'
    const ended = async (branch: string, known: { readonly branch: string | null; readonly endsAt: string | null }) => {
      const file = join(home, 'site.yaml')
      await writeFile(
        file,
        `name: shop
title: Shop
containers: [{ name: web, image: example.org/web }]
traffic: { container: web }
data: { mode: exclusive }
environments: { production: {}, qa: { expires: never }, f-*: { expires: never } }
`,
      )
      const name = environmentOfBranch(branch, 'shop')
      const shown = { ...site, environment: { name, siteId: 'site_1', ...known } }
      playSite()
      answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments: [shown], max: 2 } })
      answers[`DELETE /v1/sites/site_1/environments/${name}`] = () => ({ body: shown })
      const { code, said } = await run(['env', 'delete', '--branch', branch, '--file', file], token)
      return { code, said, isDeleted: requests.some(({ method }) => method === 'DELETE') }
    }

    it.each([
      ['has an end', 'qa', { branch: 'qa', endsAt }],
      ['is described by a pattern', 'f-1', { branch: 'f-1', endsAt: null }],
      ['is that of a branch production', 'production', { branch: 'production', endsAt: null }],
    ])('is deleted if it %s', async (_case, branch, known) => {
      expect(await ended(branch, known)).toEqual({ code: 0, said: '', isDeleted: true })
    })

    it.each([
      ['does not end', 'qa', { branch: 'qa', endsAt: null }],
      ['was made by its name', 'f-1', { branch: null, endsAt }],
      ["is that of the branch 'F-1'", 'f-1', { branch: 'F-1', endsAt }],
    ])('is kept if it %s, and the job goes on', async (reason, branch, known) => {
      const said = `'${branch}' ${reason}, so it is kept. To delete it: sitewright env delete ${branch}\n`
      expect(await ended(branch, known)).toEqual({ code: 0, said, isDeleted: false })
    })

    it.each([['env', 'delete'], ['deploy'], ['status']])('needs the name of the branch: %s', async (...words) => {
      const { code, said } = await run([...words, '--branch', '', '--site', 'shop'], token)
      expect([code, said, requests]).toEqual([2, expect.stringContaining('--branch is empty'), []])
    })

    it('may be missing, and the job goes on', async () => {
      playSite()
      answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments: [], max: 2 } })
      const { code, printed } = await run(['env', 'delete', '--branch', 'old', '--site', 'shop'], token)
      expect([code, printed]).toEqual([0, ["The branch 'old' has no environment. Nothing was deleted."]])
      expect(requests.some(({ method }) => method === 'DELETE')).toBe(false)
    })

    it('is deleted by its name in any case', async () => {
      playSite()
      const shown = { ...site, environment: { name: 'qa', siteId: 'site_1', branch: null, endsAt: null } }
      answers['DELETE /v1/sites/site_1/environments/qa'] = () => ({ body: shown })
      expect((await run(['env', 'delete', 'qa', '--site', 'shop'], token)).code).toBe(0)
      expect(requests.at(-1)?.method).toBe('DELETE')
    })
  })
})

describe('a site that could not be built', () => {
  it('is shown, and has freed its name for the next one', async () => {
    playSite({ status: 'failed', failure: { reason: 'The disk is full.' } })
    answers['GET /v1/sites/site_1/containers'] = () => ({ body: { containers: [] } })
    const { code, printed } = await run(['status', '--site', 'shop'], token)
    expect([code, printed[0]]).toEqual([1, expect.stringContaining('not reachable: The disk is full.')])
    const api = createApi(url)
    expect(await findSite(api, 'shop')).toBeUndefined()
  })
})

describe('restarts', () => {
  it('are in the status, with how the last one came', async () => {
    playSite()
    const containers = [
      { name: 'web', restarts: 2, lastEnd: 'exit code 1' },
      { name: 'db', restarts: 0, lastEnd: null },
      { name: 'mail', restarts: 1, lastEnd: 'out of memory' },
    ]
    answers['GET /v1/sites/site_1/containers'] = () => ({ body: { containers } })
    const { printed } = await run(['status', '--site', 'shop'], token)
    expect(printed[0]).toContain('restarts   web 2 times, last: exit code 1; mail once (out of memory)\n')
  })
})

describe('values', () => {
  const values = {
    inUse: 1,
    applying: null,
    variables: [
      { name: 'GREETING', value: 'hello', default: null },
      { name: 'THEME', value: null, default: 'light' },
      { name: 'SOON', value: 'set', default: null, used: false },
    ],
    secrets: [
      { name: 'STRIPE_KEY', required: true, used: true, set: null },
      { name: 'LATER', required: false, used: false, set: { at: '2026-01-01' } },
    ],
  }
  const path = '/v1/sites/site_1/configuration'
  const sent = () => requests.find(({ method, path: to }) => method === 'POST' && to === path)?.body

  it('are listed, and no secret is', async () => {
    playSite()
    answers[`GET ${path}`] = () => ({ body: values })
    expect((await run(['vars', '--site', 'shop'], token)).printed).toEqual([
      'GREETING=hello\nTHEME=light  (from the file)\nSOON=set  (not used by the version that runs)',
    ])
    expect((await run(['secrets', '--site', 'shop'], token)).printed[0]).toBe(
      'STRIPE_KEY  not set, and needed\nLATER  set 2026-01-01, and not used by the version that runs',
    )
  })

  it('are set, and the command says when the site runs with them', async () => {
    playSite()
    answers[`POST ${path}`] = () => ({ status: 202, body: { ...values, applying: 2 } })
    const lost: Played[] = [{ status: 503, body: {} }]
    answers[`GET ${path}`] = () => lost.pop() ?? { body: { ...values, inUse: 2 } }
    const { code, printed } = await run(['vars', 'set', 'A=b=c', 'D=', '--site', 'shop'], token)
    expect([code, printed]).toEqual([0, ['Changed: A, D. shop was restarted.']])
    expect(sent()).toEqual({ variables: { A: 'b=c', D: '' } })
    requests.length = 0
    await run(['vars', 'unset', 'A', '--site', 'shop'], token)
    expect(sent()).toEqual({ variables: { A: null } })
    const unused = await run(['vars', 'set', 'SOON=set', '--site', 'shop'], token)
    expect(unused.printed[0]).toContain('Nothing uses SOON yet: list it in `variables`')
  })

  it('are those of the environment that `--env` names, also after the name of a value', async () => {
    playSite()
    const environments = [{ ...site, id: 'site_2', environment: { name: 'qa', siteId: 'site_1', endsAt: null } }]
    answers['GET /v1/sites/site_1/environments'] = () => ({ body: { environments, max: 2 } })
    answers['POST /v1/sites/site_2/configuration'] = () => ({ status: 202, body: values })
    const words = ['secrets', 'set', 'STRIPE_KEY', '--env', 'qa', '--site', 'shop']
    expect((await run(words, { ...token, input: 'test_1\n' })).code).toBe(0)
    expect(requests.at(-1)).toMatchObject({ method: 'POST', path: '/v1/sites/site_2/configuration' })
  })

  it('go back by themselves where the site does not work with them', async () => {
    playSite()
    answers[`POST ${path}`] = () => ({ status: 202, body: { ...values, applying: 2 } })
    answers[`GET ${path}`] = () => ({ body: values })
    const { code, said } = await run(['vars', 'set', 'A=b', '--site', 'shop'], token)
    expect([code, said]).toEqual([1, expect.stringContaining('runs with those before. See: sitewright logs')])
  })

  it('are in use also where somebody else sets the next ones at once', async () => {
    playSite()
    answers[`POST ${path}`] = () => ({ status: 202, body: { ...values, applying: 2 } })
    answers[`GET ${path}`] = () => ({ body: { ...values, inUse: 2, applying: 3 } })
    expect((await run(['vars', 'set', 'A=b', '--site', 'shop'], token)).code).toBe(0)
  })

  it.each([
    ['one line\n', 0, { secrets: { LATER: 'one line' } }],
    ['-----BEGIN KEY-----\nof several\n', 2, undefined],
    ['first\nsecond', 2, undefined],
    // Ctrl-D.
    ['\x04', 2, undefined],
  ])('of a secret have one line in a terminal: %j', async (typed, code, values) => {
    playSite()
    answers[`POST ${path}`] = () => ({ body: { inUse: 1, applying: null, variables: [], secrets: [] } })
    const terminal = Object.assign(new PassThrough(), { isTTY: true })
    setTimeout(() => terminal.write(typed), 50)
    const ended = await run(['secrets', 'set', 'LATER', '--site', 'shop'], { ...token, input: terminal })
    expect([ended.code, sent()]).toEqual([code, values])
    expect(ended.said).not.toContain('several\n')
  })

  it('of a secret are not asked for any more after Ctrl-C', async () => {
    playSite()
    const program = `
      import { PassThrough } from 'node:stream'
      import { runToEnd } from '${resolve('bin/command-line/run-to-end.ts')}'
      import { runSitewright } from '${resolve('bin/sitewright/program.ts')}'
      const input = Object.assign(new PassThrough(), { isTTY: true })
      // It keeps the process alive, as a terminal does.
      setInterval(() => {}, 1000)
      const say = (text) => {
        process.stderr.write(text)
        if (text.startsWith('Value of')) input.write('\x03')
      }
      const terminal = { environment: process.env, input, print: console.log, say }
      await runToEnd(() => runSitewright(['secrets', 'set', 'LATER', '--site', 'shop'], terminal))`
    const env = childEnvironment({ XDG_CONFIG_HOME: home, SITEWRIGHT_URL: url, ...token.environment })
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { env })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    expect(await once(child, 'close')).toEqual([130, null])
    expect(said).toBe('Value of LATER (it is not shown): \n')
  })

  it('of a secret come from the input and appear nowhere', async () => {
    playSite()
    answers[`POST ${path}`] = () => ({ status: 202, body: { ...values, applying: 2 } })
    answers[`GET ${path}`] = () => ({ body: { ...values, inUse: 2 } })
    const input = 'two\nlines of it\n'
    const { code, printed, said } = await run(['secrets', 'set', 'LATER', '--site', 'shop'], { ...token, input })
    expect([code, sent()]).toEqual([0, { secrets: { LATER: 'two\nlines of it' } }])
    expect(printed[0]).toContain('Nothing uses LATER yet')
    expect(`${printed}${said}`).not.toContain('lines of it')
    expect((await run(['secrets', 'set', 'LATER', '--site', 'shop'], token)).code).toBe(2)
    expect((await run(['vars', 'set', 'SECRET', '--site', 'shop'], token)).code).toBe(2)
    const latin = Readable.from([Buffer.from('café', 'latin1')])
    const refused = await run(['secrets', 'set', 'LATER', '--site', 'shop'], { ...token, input: latin })
    expect([refused.code, refused.said]).toEqual([2, expect.stringContaining('is not text in UTF-8')])
  })
})

describe('logout', () => {
  it('ends the session at the server, and deletes the file', async () => {
    const file = join(home, 'sitewright/session.json')
    const session = { url, sessions: { [url]: { email: 'ada@example.com', token: 'secret-session' } } }
    await writeFile(file, JSON.stringify(session), { mode: 0o600 })
    answers['DELETE /v1/session'] = () => ({ status: 200 })
    expect((await run(['logout'])).code).toBe(0)
    expect(requests).toMatchObject([{ method: 'DELETE', token: 'Bearer secret-session' }])
    await expect(stat(file)).rejects.toThrow('ENOENT')
    expect((await run(['logout'])).code).toBe(3)
  })

  it('deletes the file also if the server does not answer, and says where the session can be ended', async () => {
    const file = join(home, 'sitewright/session.json')
    const session = { url, sessions: { [url]: { email: 'ada@example.com', token: 'secret-session' } } }
    await writeFile(file, JSON.stringify(session), { mode: 0o600 })
    answers['DELETE /v1/session'] = () => ({ status: 503 })
    const text = `You are signed out here, but ${url} has not ended the session. End it in the console, on the page “Your account”. The reason: `
    expect(await run(['logout'])).toEqual({ code: 1, printed: [], said: expect.stringContaining(text) })
    await expect(stat(file)).rejects.toThrow('ENOENT')
  })

  it('deletes the file also if the server has ended the session, and keeps those of other servers', async () => {
    const file = join(home, 'sitewright/session.json')
    const other = { email: 'ada@example.com', token: 'other-session' }
    const sessions = { [url]: { ...other, token: 'secret-session' }, 'https://other.example.com': other }
    await writeFile(file, JSON.stringify({ url, sessions }), { mode: 0o600 })
    answers['DELETE /v1/session'] = () => ({ status: 401, body: problem('unauthenticated', 'It has ended.') })
    expect((await run(['logout'])).code).toBe(0)
    const kept = await readFile(file, 'utf8')
    expect([kept.includes('other-session'), kept.includes('secret-session')]).toEqual([true, false])
    await rm(file)
  })
})

describe('logs', () => {
  it('prints the last lines, and with -f what follows', async () => {
    playSite()
    const pages = ['first', 'second'].map((line, index) => ({
      containers: [{ container: 'web', lines: [line] }],
      cursor: `c${index}`,
    }))
    answers['GET /v1/sites/site_1/logs'] = () => ({ body: pages[0]! })
    expect(await run(['logs', '--site', 'shop'], token)).toEqual({ code: 0, printed: ['web | first'], said: '' })
    let isAway = true
    answers['GET /v1/sites/site_1/logs'] = () => {
      isAway = !isAway
      // Its host restarts, or the network is away for a moment.
      if (isAway) return { status: 502 }
      const body = pages.shift()
      return body === undefined ? { status: 404, body: problem('not-found', 'The site is gone.') } : { body }
    }
    const followed = await run(['logs', '-f', '--site', 'shop'], token)
    const said = 'Waiting for the server\nWaiting for the server\nThe site is gone.\n'
    expect(followed).toEqual({ code: 4, printed: ['web | first', 'web | second'], said })
    expect(requests.at(-1)?.path).toBe('/v1/sites/site_1/logs?after=c1')
  })
})

describe('a request that the server refuses for now', () => {
  const path = '/v1/sites/site_1/deployments/dpl_1'
  const limited = (retryAfterSeconds: number) => ({
    status: 429,
    body: problem('rate-limited', 'Too many.', { retryAfterSeconds }),
  })
  const read = (...played: readonly Played[]) => {
    const left = [...played]
    answers[`GET ${path}`] = () => left.shift() ?? { body: {} }
    return withRetries(createApi(url), { path }, z.object({}))
  }

  it('is repeated as soon as the server says', async () => {
    const began = performance.now()
    expect(await read(limited(1))).toEqual({})
    // A timer may be some milliseconds early; by itself the first pause is a quarter of a second.
    expect([requests.length, performance.now() - began > 900]).toEqual([2, true])
  })

  it('is not repeated if that is too late', async () => {
    await expect(read(limited(3600))).rejects.toMatchObject({
      ending: 'again',
      message: 'Too many. Try again in 3600 s.',
    })
    expect(requests).toHaveLength(1)
  })
})

describe('an error', () => {
  it.each([
    [
      { status: 401, body: problem('unauthenticated', 'This token has expired.') },
      3,
      'This token has expired. It is in SITEWRIGHT_TOKEN: set it again, or unset it and sign in.',
    ],
    [{ status: 403, body: problem('forbidden', 'Not yours.') }, 4, 'Not yours.'],
    [
      { status: 429, body: problem('rate-limited', 'Too many.', { retryAfterSeconds: 9 }) },
      5,
      'Too many. Try again in 9 s.',
    ],
    [{ status: 409, body: problem('transition-not-allowed', 'It is suspended.') }, 4, 'It is suspended.'],
    [{ status: 409, body: problem('version-conflict', 'Changed. Try again.') }, 5, 'Changed. Try again.'],
    [
      { status: 409, body: problem('operation-in-progress', 'Another one.', { retryAfterSeconds: 5 }) },
      5,
      'Another one. Try again in 5 s.',
    ],
    [{ status: 503, body: {} }, 5, 'The server answered with 503. Try again.'],
    [{ status: 503, body: { title: 'Temporarily unavailable; try again' } }, 5, 'Temporarily unavailable; try again'],
    [{ status: 502 }, 5, 'The server answered with 502. Try again.'],
    [{ status: 200, body: { hello: 'world' } }, 5, 'does not answer like Sitewright'],
    [{ status: 200, body: { sites: [] } }, 4, "You have no site 'shop'. Name one with --site"],
  ])('of the server has an exit code, and says what to do: %j', async (answer, code, text) => {
    answers['GET /v1/sites'] = () => answer
    const { said, ...rest } = await run(['status', '--site', 'shop'], token)
    expect(rest).toEqual({ code, printed: [] })
    expect(said).toContain(text)
    expect(said).not.toMatch(/try again.*try again/i)
    const [line = ''] = (await run(['--json', 'status', '--site', 'shop'], token)).printed
    expect(JSON.parse(line)).toMatchObject({ error: { message: expect.stringContaining(text) } })
  })

  it.each(['secret\ntoken', 'secret\u20actoken', 'secret\0token'])(
    'of a token that cannot be sent, too: %j',
    async (bad) => {
      const { code, said } = await run(['status', '--site', 'shop'], { environment: { SITEWRIGHT_TOKEN: bad } })
      expect([code, said]).toEqual([3, expect.stringContaining('Set SITEWRIGHT_TOKEN again')])
      expect(said).not.toContain('secret')
      const file = join(home, 'sitewright/session.json')
      const session = { url, sessions: { [url]: { email: 'ada@example.com', token: bad } } }
      await writeFile(file, JSON.stringify(session), { mode: 0o600 })
      const kept = await run(['status', '--site', 'shop'])
      expect([kept.code, kept.said]).toEqual([3, said])
      await rm(file)
      const environment = { ...token.environment, SITEWRIGHT_ACCOUNT: bad }
      expect((await run(['status', '--site', 'shop'], { environment })).code).toBe(2)
      expect(requests).toEqual([])
    },
  )

  it('of the network too', async () => {
    const { code, said } = await run(['status', '--site', 'shop'], {
      environment: { ...token.environment, SITEWRIGHT_URL: 'http://127.0.0.1:1' },
    })
    expect([code, said]).toEqual([5, expect.stringContaining('Check the address and the network')])
  })

  it.each(['http://', ''])('of a proxy, which it uses for HTTPS, and not for this machine: %s', async (scheme) => {
    const tunnels: (string | undefined)[] = []
    const proxy = createServer()
    proxy.on('connect', ({ url: to }, socket) => {
      tunnels.push(to)
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
    })
    const at = `127.0.0.1:${await listening(proxy)}`
    playSite()
    // The proxy is that of the whole program.
    const status = async (SITEWRIGHT_URL: string, more = {}) => {
      const env = { XDG_CONFIG_HOME: home, SITEWRIGHT_URL, SITEWRIGHT_TOKEN: 'secret-token' }
      const through = { HTTPS_PROXY: `${scheme}${at}`, HTTP_PROXY: `http://${at}`, ...more }
      const child = spawn(process.execPath, [resolve('bin/sitewright.ts'), 'status', '--site', 'shop'], {
        ...{ env: childEnvironment({ ...env, ...through }), stdio: 'ignore' },
      })
      return (await once(child, 'exit'))[0]
    }
    expect(await status('https://sites.invalid')).toBe(5)
    if (scheme !== '') {
      expect(await status(url)).toBe(0)
      expect(await status('https://other.invalid', { NO_PROXY: '.invalid' })).toBe(5)
    }
    expect(tunnels).toEqual(['sites.invalid:443'])
    proxy.close()
  })

  it('of a proxy that is no address, without it: it may have a password', async () => {
    const environment = { ...token.environment, HTTPS_PROXY: 'http://user:secret@::' }
    const { code, said } = await run(['status', '--site', 'shop'], { environment })
    expect([code, said]).toEqual([2, expect.stringMatching(/^HTTPS_PROXY must be the address of a proxy/)])
    expect(said).not.toContain('secret')
  })

  it('of the command line', async () => {
    expect((await run(['satus'])).said).toContain('Did you mean status?')
    expect((await run(['satus'])).code).toBe(2)
    expect((await run(['login'])).code).toBe(2)
    expect((await run([])).code).toBe(2)
    expect((await run(['--help'])).code).toBe(0)
  })
})

it.each(['status dev', '--site shop status dev', '--json status dev', '--file=x.yaml status dev'])(
  'is ended at once by Ctrl-C, also where an environment is called dev: %s',
  async (line) => {
    const words = line.split(' ')
    await using silent = createServer()
    const asked = once(silent, 'request')
    const SITEWRIGHT_URL = `http://127.0.0.1:${await listening(silent)}`
    const env = childEnvironment({ XDG_CONFIG_HOME: home, SITEWRIGHT_URL, SITEWRIGHT_TOKEN: 'a-token' })
    const site = words.includes('--site') ? [] : ['--site', 'shop']
    const child = spawn(process.execPath, [resolve('bin/sitewright.ts'), ...words, ...site], { env })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const closed = once(child, 'close')
    await asked
    child.kill('SIGINT')
    // A command that cleans up would say that it takes too long.
    expect([...(await closed), said]).toEqual([130, null, ''])
    silent.closeAllConnections()
  },
)

const initNode = async (name: string, scripts: object, ...files: readonly string[]) => {
  const directory = join(home, name)
  await mkdir(directory)
  // With a byte order mark, as from an editor on Windows.
  await writeFile(join(directory, 'package.json'), `\uFEFF${JSON.stringify({ name: 'shop', scripts })}`)
  for (const file of files) await writeFile(join(directory, file), '')
  const before = process.cwd()
  process.chdir(directory)
  try {
    expect((await run(['init'])).code).toBe(0)
  } finally {
    process.chdir(before)
  }
  const read = (file: string) => readFile(join(directory, file), 'utf8')
  return {
    directory,
    ignored: await read('.dockerignore'),
    dockerfile: await read('Dockerfile'),
    text: await read('sitewright.yaml'),
  }
}

it('init keeps what no image needs, and the data of dev, out of the image of a Node application', async () => {
  const { ignored } = await initNode('node', { start: 'node server.js' })
  expect(ignored.split('\n')).toEqual(['**/node_modules', '.git', '**/.env*', '.sitewright-dev', ''])
})

it('init asks about variables of a build, which it keeps out of the image', async () => {
  const asks = async (name: string, scripts: object, ...files: readonly string[]) =>
    /# \? .*!\.env\.production/.test((await initNode(name, scripts, ...files)).text)
  const built = { start: 'node server.js', build: 'vite build' }
  expect(await asks('public', built, '.env.production')).toBe(true)
  expect(await asks('no-variables', built)).toBe(false)
  expect(await asks('not-built', { start: 'node server.js' }, '.env.production')).toBe(false)
  expect(await asks('own-ignored', built, '.env.production', '.dockerignore')).toBe(false)
})

const withoutPrepare = 'npm pkg delete scripts.prepare'
it.each([
  ['package-lock.json', [`RUN ${withoutPrepare} && npm ci\n`, 'RUN npm run build && npm prune --omit=dev']],
  ['pnpm-lock.yaml', [`${withoutPrepare} --force && pnpm install --frozen-lockfile\n`, 'pnpm prune --prod']],
  ['yarn.lock', ['corepack enable && yarn install --frozen-lockfile', 'RUN yarn run build']],
  ['bun.lock', [`RUN ${withoutPrepare} && npm install\n`, 'RUN npm run build']],
])('init installs a Node application by its %s, without the scripts of its developers', async (lock, steps) => {
  const scripts = { start: 'node server.js', build: 'tsc', prepare: 'husky' }
  const { dockerfile, text } = await initNode(`by-${lock}`, scripts, lock)
  for (const step of steps) expect(dockerfile).toContain(step)
  // What its scripts need is there when they run.
  expect(dockerfile.indexOf('COPY . .')).toBeLessThan(dockerfile.indexOf('RUN'))
  expect(dockerfile.includes('ENV COREPACK_HOME=/')).toBe(dockerfile.includes('corepack enable'))
  expect(/# \? .*Plug'n'Play/.test(text)).toBe(lock === 'yarn.lock')
  expect(text.includes('does not read bun.lock')).toBe(lock === 'bun.lock')
  // Of two, npm has its own.
  const both = await initNode(`two-${lock}`, { start: 'node server.js' }, lock, 'package-lock.json')
  expect(both.dockerfile).toContain(`RUN ${withoutPrepare} && npm ci --omit=dev\n`)
})

it('init keeps what the packages of a workspace of pnpm need', async () => {
  const files = ['pnpm-lock.yaml', 'pnpm-workspace.yaml']
  const { dockerfile } = await initNode(
    'workspace',
    { start: 'pnpm --filter web start', build: 'pnpm -r build' },
    ...files,
  )
  expect(dockerfile).toContain('RUN pnpm run build\n')
  expect(dockerfile).not.toContain('prune')
})

it('init installs a Node application whose optional dependency cannot be compiled, and lets dependencies prepare', async () => {
  const scripts = { start: 'node server.js', prepare: 'exit 3' }
  const { directory, dockerfile } = await initNode('optional', scripts, 'package-lock.json')
  const write = async (name: string, content: object) => {
    await mkdir(join(directory, name), { recursive: true })
    await writeFile(join(directory, name, 'package.json'), JSON.stringify(content))
  }
  await write('native', { name: 'native', version: '1.0.0', scripts: { install: 'exit 1' } })
  await write('source', { name: 'source', version: '1.0.0', scripts: { prepare: 'echo 1 >made.js' } })
  const source = `git+file://${join(directory, 'source')}`
  const more = { optionalDependencies: { native: 'file:native' }, dependencies: { source } }
  await write('.', { name: 'shop', version: '1.0.0', scripts, ...more })
  await rm(join(directory, 'package-lock.json'))
  const env = { ...process.env, npm_config_cache: join(home, 'npm') }
  const shell = (line: string) => execFileSync('/bin/sh', ['-c', line], { cwd: directory, env, stdio: 'ignore' })
  const git = 'git -C source -c user.name=Ada -c user.email=ada@example.com'
  shell(`${git} init && ${git} add . && ${git} commit --message first`)
  shell('npm install --package-lock-only --ignore-scripts --offline')
  shell(/^RUN (.*)$/m.exec(dockerfile)?.[1] ?? 'no step')
  expect(await readdir(join(directory, 'node_modules/source'))).toContain('made.js')
})

it.each([
  [['satus', '--json'], "unknown command 'satus'\n(Did you mean status?)"],
  [['--json', 'login'], "missing required argument 'email'"],
  [['status', '--bogus', '--json'], "unknown option '--bogus'"],
  [['--json', 'status', '--site'], "option '--site <name>' argument missing"],
  [['--json', 'vars', 'set'], "missing required argument 'NAME=VALUE'"],
  [['--json'], 'Name a command. See: sitewright --help'],
  [['--json', 'env'], 'Name a command. See: sitewright --help'],
  [['--json', 'dev', '--port', '99999'], '--port must be a number from 1 to 65535, such as 3000. It is 99999'],
])('a mistake of the command line is JSON with --json, and nothing else: %j', async (words, message) => {
  const { printed, ...rest } = await run(words)
  expect(rest).toEqual({ code: 2, said: '' })
  expect(printed.map((line) => JSON.parse(line))).toEqual([{ error: { ending: 'mistake', message, problems: [] } }])
})

describe('its words', () => {
  const infrastructure = /\b(?:clusters?|tasks?|volumes?|pods?|VPCs?|IAM)\b/i
  const texts = (source: string): readonly string[] =>
    [...source.replaceAll(/^\s*(?:\/?\*.*|\/\/.*|import .*)$/gm, '').matchAll(/'[^'\n]*'|`[^`]*`|"[^"\n]*"/g)].map(
      ([text]) => text,
    )

  it('are not those of infrastructure', async () => {
    const folder = resolve(import.meta.dirname, '../../../bin/sitewright')
    const sources = await Promise.all(
      (await readdir(folder, { recursive: true }))
        .filter((name) => name.endsWith('.ts'))
        .map((file) => readFile(join(folder, file), 'utf8')),
    )
    expect(sources.flatMap(texts).length).toBeGreaterThan(100)
    expect(sources.flatMap(texts).filter((text) => infrastructure.test(text))).toEqual([])
    expect(texts("say('The task ended')").filter((text) => infrastructure.test(text))).toHaveLength(1)
    const pages = await Promise.all(
      ['', 'login', 'init', 'check', 'deploy', 'status', 'logs', 'open'].map(async (command) =>
        (await run([command, '--help'].filter(Boolean))).printed.join('\n'),
      ),
    )
    expect(pages.filter((page) => page.length < 100 || infrastructure.test(page))).toEqual([])
  })

  it('are none of these in what it writes from a compose file', async () => {
    const directory = join(home, 'compose')
    await mkdir(directory)
    await writeFile(
      join(directory, 'compose.yaml'),
      'services: { web: { build: ., ports: ["3000:3000"], volumes: [data:/srv] }, db: { image: "postgres:17", environment: { POSTGRES_PASSWORD: x } } }\nvolumes: { data: {} }\n',
    )
    await writeFile(join(directory, 'Dockerfile'), 'FROM node:24\nUSER 1000\nCMD ["node", "x.js"]\n')
    const before = process.cwd()
    process.chdir(directory)
    try {
      const made = await run(['init'])
      expect(made).toMatchObject({
        code: 0,
        printed: [expect.stringContaining('Written from compose.yaml: sitewright.yaml.')],
      })
      const text = await readFile('sitewright.yaml', 'utf8')
      expect(text.split('\n').filter((line) => infrastructure.test(line.replace(/volumes:/, '')))).toEqual([])
      expect((await run(['check'])).code).toBe(0)
      expect(await run(['init'])).toMatchObject({
        code: 2,
        said: expect.stringContaining('sitewright.yaml is not written'),
      })
    } finally {
      process.chdir(before)
    }
  })
})
