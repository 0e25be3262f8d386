import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { plusDays } from '../../core/instant.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { type Call, call } from './call.ts'
import { statusOf } from './operating.ts'
import { commandRunner, commandsOf, configuredBlueprint, filesBelow, productDirectory } from './pages-of-sales.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { clockOf, turnClock } from './turned-clock.ts'
import { createSite, getSite, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

/** What the page sets as a secret. */
const secret = 'the key of the customer'

const acme = {
  name: 'acme',
  version: 1,
  extends: { name: 'welcome', version: 1 },
  title: 'Acme',
  plans: ['enterprise'],
  variables: { ERP_KEY: { secret: true, required: true } },
  containers: {
    web: {
      secrets: ['API_KEY', 'ERP_KEY'],
      // Products print what they should not.
      process: {
        command: [
          'node',
          '-e',
          "console.log('erp', process.env.ERP_KEY); import(process.cwd() + '/configured-product.mjs')",
        ],
        directory: productDirectory,
      },
      files: { 'shop.conf': '${secret.ERP_KEY}' },
    },
  },
}

/** The page with a Saturday of these days. */
const inFuture = async (command: string, now: string): Promise<string> => {
  const saturday = [2, 3, 4, 5, 6, 7, 8]
    .map((days) => plusDays(now, days))
    .find((day) => new Date(day).getUTCDay() === 6)
  const dateOf = (instant: string) => instant.slice(0, 10)
  if (saturday === undefined) throw new Error('a week has a Saturday')
  return command.replaceAll('2027-03-06', dateOf(saturday)).replaceAll('2027-03-07', dateOf(plusDays(saturday, 1)))
}

test('sales and administrators bring a site to a licence with the commands of their page, and its secret shows nowhere', async () => {
  await using directory = await temporaryDirectory()
  const blueprints = join(directory.path, 'blueprints')
  const large = join(directory.path, 'large')
  for (const made of [blueprints, large]) await mkdir(made)
  await writeFile(join(blueprints, 'welcome.json'), JSON.stringify(configuredBlueprint))
  await writeFile(join(blueprints, 'acme.json'), JSON.stringify(acme))
  const env = {
    SITEWRIGHT_POOL_SIZE: '0',
    SITEWRIGHT_BLUEPRINTS: blueprints,
    SITEWRIGHT_CELLS: `large=${large}:named`,
    SITEWRIGHT_LOG: 'debug',
  }
  const shown: string[] = []
  await using host = await startHost({ env, onOutput: (text) => shown.push(text) })
  const ada = await signIn(host, 'ada@example.com')
  const { id } = (await createSite(host, ada, { slug: 'shop' })).json
  const isIdle = () =>
    waitFor(async () => {
      const { status, operation } = await getSite(host, ada, id)
      return status === 'active' && operation === null ? true : undefined
    })
  await isIdle()
  await waitFor(async () => (await statusOf(host, 'acme'))?.current === 1)

  const tokenOf = async (role: string): Promise<string> => {
    const body = { email: `${role}@example.com`, role }
    return (await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })).json.token
  }
  const runAs = async (role: string) => {
    const run = commandRunner({ CONSOLE: host.url, TOKEN: await tokenOf(role), SITE: id })
    return async (command: string) => {
      const answer = await run(await inFuture(command, await clockOf(host)))
      shown.push(JSON.stringify(answer))
      return answer
    }
  }
  const [admin, sales] = [await runAs('admin'), await runAs('sales')]
  const commands = await commandsOf('enterprise.md')
  expect(commands).toHaveLength(10)
  const [
    read = '',
    change = '',
    apply = '',
    keep = '',
    rehearse = '',
    result = '',
    plan = '',
    confirm = '',
    renew = '',
  ] = commands
  const file = async () => (await call(host, { at: 'shop.localhost', path: '/' })).json['file']

  expect(await admin(change)).toMatchObject({ operation: 'upgrade' })
  await isIdle()
  expect(await file()).toBe(`theme=dark key=${secret}`)
  expect(await admin(apply)).toMatchObject({ operation: 'upgrade' })
  await isIdle()
  expect(await admin(keep)).toMatchObject({ id, operation: null })
  expect(await admin(read)).toMatchObject({ inUse: 0, versions: [{ version: 2 }, { version: 1 }] })

  const ended = () =>
    waitFor(async () => {
      const { rehearsal } = (await sales(result)) as { rehearsal: { id: string; status: string } }
      return ['passed', 'failed'].includes(rehearsal.status) && rehearsal
    })
  // With a value that the product cannot run with: the evidence has its output.
  await admin(keep.replace('"secrets"', '"variables": {"THEME": "broken"}, "secrets"'))
  expect(await sales(rehearse.replace('"configuration": 2', '"configuration": 3'))).toMatchObject({ copiesFirst: true })
  const failed = await ended()
  expect(failed).toMatchObject({ status: 'failed' })
  await sales(rehearse)
  expect(await ended()).toMatchObject({ status: 'passed' })

  const withAct = (act: string) => confirm.replace('/relocation/confirm', `/relocation/${act}`)
  expect(await sales(plan)).toMatchObject({ relocation: { state: 'draft' } })
  expect(await sales(withAct('withdraw'))).toMatchObject({ relocation: null })
  await sales(plan)
  type Planned = { relocation: { revision: number; interruption: object | null; window: { from: string } } }
  const owner = { path: `/v1/sites/${id}`, headers: ada.bearer }
  const planned = await waitFor(async () => {
    const { relocation } = (await call<Planned>(host, owner)).json
    return relocation.interruption !== null && relocation
  })
  const { revision, window } = planned
  const acceptance = { ...owner, method: 'POST', path: `${owner.path}/relocation/accept`, body: { revision } }
  expect((await call(host, acceptance)).status).toBe(200)
  const seconds = Math.ceil((Date.parse(window.from) - Date.parse(await clockOf(host))) / 1000)
  await turnClock(host, `PT${seconds}S`)
  await isIdle()
  expect(await file()).toBe(secret)
  for (const [to, expected] of [
    ['returned', expect.stringContaining('theme=light key=')],
    ['switched', secret],
  ] as const) {
    const command = withAct('switch-back').replace("-d '{", `-d '{"to": "${to}", `)
    expect(await admin(command)).toMatchObject({ operation: 'upgrade' })
    await isIdle()
    expect(await file()).toEqual(expected)
    // A repeated request does not go to the other side.
    expect(await admin(command)).toMatchObject({ operation: null })
  }
  expect(await sales(confirm)).toMatchObject({ plan: 'enterprise', cell: 'large', relocation: null })
  expect(await sales(renew)).toMatchObject({ contract: { number: '4711-2' }, relocation: null })

  const headers = { authorization: `Bearer ${await tokenOf('admin')}` }
  const ofSite = ['', '/events', '/failures', '/logs', '/configuration', '/rehearsal'].map((part) => id + part)
  const paths = [...ofSite, `${failed.id}/failures`, `${failed.id}/events`].map((path) => `/v1/operator/sites/${path}`)
  const asStaff = [...paths, '/v1/operator/audit', '/v1/operator/blueprints', '/_local/mail?to=ada%40example.com']
  const asOwner = ['', '/history', '/archives', '/rehearsal'].map((part) => owner.path + part)
  const answerTo = async (request: Call) => {
    const { status, text } = await call(host, request)
    expect([request.path, status]).toEqual([request.path, 200])
    return text
  }
  const answers = await Promise.all([
    ...asStaff.map((path) => answerTo({ path, headers })),
    ...asOwner.map((path) => answerTo({ ...owner, path })),
  ])
  // The output is there, without the secret.
  expect(answers.filter((text) => text.includes('erp …')).length).toBeGreaterThan(1)
  expect([...answers, ...shown].filter((text) => text.includes(secret))).toEqual([])
  const stored = await filesBelow(join(host.home, 'database'))
  expect(stored.filter((content) => content.includes(secret))).toEqual([])
})
