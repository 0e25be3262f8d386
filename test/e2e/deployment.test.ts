import { copyFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test, vi } from 'vitest'
import { takeSnapshot } from '../../adapters/processes/snapshots.ts'
import type { SiteId } from '../../core/ids.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'
import { call } from './call.ts'
import { temporaryDirectory } from './temporary-directory.ts'
import { type SiteBody, signIn } from './visitor.ts'

vi.setConfig({ testTimeout: 600_000 })

const program = fileURLToPath(new URL('./deployed-program.mjs', import.meta.url))

const file = {
  name: 'ours',
  title: 'A program of ours',
  access: 'public',
  variables: { GREETING: {} },
  containers: [
    {
      name: 'web',
      variables: ['GREETING'],
      process: { command: ['node', 'deployed-program.mjs'], directory: '.' },
      secrets: ['SESSION_KEY'],
    },
  ],
  traffic: { container: 'web', startSeconds: 10 },
  data: { mode: 'exclusive' },
}

interface Deployed {
  readonly id: string
  readonly version: number
  readonly status: string
  readonly cause?: string
  readonly lines?: readonly string[]
}

interface Values {
  readonly inUse: number
  readonly applying: number | null
}

test('an account with an allowance deploys a program of its own, and a bad version goes back by itself', async () => {
  await using ours = await temporaryDirectory()
  await copyFile(program, join(ours.path, 'deployed-program.mjs'))
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1', SITEWRIGHT_RUNTIME: 'processes' } })
  const ada = await signIn(host, 'ada@example.com')
  const eve = await signIn(host, 'eve@example.com')
  const post = <Body>(path: string, body: object, headers: Readonly<Record<string, string>> = ada.bearer) =>
    call<Body>(host, { method: 'POST', path, body, headers })

  const asked = { slug: 'ours', name: 'Ours', software: 'own' }
  expect(await post('/v1/sites', asked)).toMatchObject({ status: 403 })
  const staff = (await post<{ token: string }>('/_local/operators', { email: 'grace@example.com', role: 'sales' })).json
  const path = `/v1/operator/accounts/${ada.accountId}/allowance`
  const body = { plan: 'enterprise', sites: 1, reason: 'Contract 4711' }
  const headers = { authorization: `Bearer ${staff.token}` }
  expect(await call(host, { method: 'PUT', path, headers, body })).toMatchObject({ status: 200 })
  const site = await post<SiteBody>('/v1/sites', asked)
  expect(site.json).toMatchObject({ plan: 'enterprise' })
  const { id } = site.json
  // One place is one site.
  expect(await post('/v1/sites', { ...asked, slug: 'more' })).toMatchObject({ status: 409 })

  const deployments = `/v1/sites/${id}/deployments`
  const snapshotOf = async (release: string, of: object = file) => {
    await writeFile(join(ours.path, 'release.txt'), release)
    return takeSnapshot({ home: host.home, siteId: id as SiteId, directory: ours.path, file: of })
  }
  const ended = (deployment: string) =>
    waitFor(async () => {
      const found = await call<{ deployment: Deployed }>(host, {
        path: `${deployments}/${deployment}`,
        headers: ada.bearer,
      })
      const { status } = found.json.deployment
      return status === 'proving' || status === 'deploying' ? undefined : found.json.deployment
    })
  const deploy = async (release: string, key = release) => {
    const wanted = { file, snapshot: await snapshotOf(release), commit: release }
    const made = await post<{ deployment: Deployed }>(deployments, wanted, { ...ada.bearer, 'idempotency-key': key })
    expect(made.status, made.text).toBe(202)
    return made.json.deployment
  }
  const answer = async () => (await call(host, { at: 'ours.localhost', path: '/' })).json

  const first = await deploy('one')
  expect(await ended(first.id)).toMatchObject({ version: 1, status: 'live' })
  // The software before it left nothing.
  expect(await answer()).toEqual({ release: 'one', written: 'one', found: [], isPayable: false })

  const bad = await ended((await deploy('broken')).id)
  expect(bad).toMatchObject({ version: 2, status: 'went-back' })
  expect(bad.cause).toContain('3')
  expect(bad.lines?.join('\n')).toContain('cannot find module left-pad')
  expect(bad.lines?.join('\n')).toContain('starts with the key …')
  await waitFor(async () => ((await answer())['release'] === 'one' ? true : undefined))

  // Two at once: the second waits for the first.
  const [third, fourth] = [await deploy('three'), await deploy('four')]
  expect(await ended(fourth.id)).toMatchObject({ version: 4, status: 'live' })
  expect(await ended(third.id)).toMatchObject({ version: 3, status: 'replaced' })
  expect(await deploy('four')).toMatchObject({ id: fourth.id, version: 4 })
  expect(await answer()).toMatchObject({ release: 'four' })

  // Values reach the application at once; a secret that the file does not name waits for a version that does.
  const configuration = `/v1/sites/${id}/configuration`
  const values = async () => (await call<Values>(host, { path: configuration, headers: ada.bearer })).json
  const settled = () => waitFor(async () => ((await values()).applying === null ? values() : undefined))
  // A plain process runs no code of a token's.
  const code = '--import=data:text/javascript,process.exit(9)'
  const change = { variables: { GREETING: 'hello', NODE_OPTIONS: code }, secrets: { PAYMENT_KEY: 'a key of ours' } }
  expect(await post(configuration, change, eve.bearer)).toMatchObject({ status: 404 })
  const changed = await post<Values>(configuration, change)
  expect(changed).toMatchObject({ status: 202, json: { inUse: 0, applying: 1 } })
  expect(changed.text).not.toContain('a key of ours')
  expect(await settled()).toMatchObject({
    inUse: 1,
    variables: [
      { name: 'GREETING', value: 'hello', used: true },
      { name: 'NODE_OPTIONS', value: code, used: false },
    ],
    secrets: [
      { name: 'SESSION_KEY', used: true, set: null },
      { name: 'PAYMENT_KEY', used: false },
    ],
    versions: [{ version: 1, by: 'owner', changed: ['GREETING', 'NODE_OPTIONS', 'PAYMENT_KEY'] }],
  })
  expect(await answer()).toMatchObject({ greeting: 'hello', isPayable: false })
  expect(await post(configuration, { variables: { GREETING: 'hello' } })).toMatchObject({ json: { applying: null } })
  await post(configuration, { variables: { GREETING: 'none' } })
  expect(await settled()).toMatchObject({ inUse: 1, versions: [{ version: 2 }, { version: 1 }] })
  await waitFor(async () => ((await answer())['greeting'] === 'hello' ? true : undefined))
  expect(await post(configuration, { variables: { SESSION_KEY: 'b' } })).toMatchObject({ status: 400 })
  const given = { ...file, containers: [{ ...file.containers[0], given: ['PAYMENT_KEY'] }] }
  const payable = { file: given, snapshot: await snapshotOf('payable', given) }
  const paying = await post<{ deployment: Deployed }>(deployments, payable)
  expect(await ended(paying.json.deployment.id)).toMatchObject({ version: 5, status: 'live' })
  expect(await answer()).toMatchObject({ greeting: 'hello', isPayable: true })
  // It is needed now.
  expect(await post(configuration, { secrets: { PAYMENT_KEY: null } })).toMatchObject({ status: 400 })
  const logs = await call(host, { path: `/v1/sites/${id}/logs`, headers: ada.bearer })
  expect(logs.text).toContain('release payable')
  expect(logs.text).not.toContain('a key of ours')
  expect(await call(host, { path: `/v1/sites/${id}/containers`, headers: ada.bearer })).toMatchObject({
    json: { containers: [{ name: 'web', isRunning: true, restarts: 0, lastEnd: null }] },
  })

  // The plan says what the file may relax, and a deployment that waits asks for the allowance again.
  const relaxed = { ...file, containers: [{ ...file.containers[0], capabilities: ['CHOWN'] }] }
  const asRoot = await post(deployments, { file: relaxed, snapshot: await snapshotOf('root', relaxed) })
  expect(asRoot).toMatchObject({ status: 422 })
  expect(asRoot.text).toContain("is not in the plan 'Enterprise'")

  // A token alone runs nothing: neither other commands nor what is not in the home.
  const snapshot = await snapshotOf('four')
  const others = { ...file, containers: [{ ...file.containers[0], process: { command: ['sh', '-c', 'id'] } }] }
  expect(await post(deployments, { file: others, snapshot })).toMatchObject({ status: 422 })
  expect(await post(deployments, { file })).toMatchObject({ status: 422 })
  expect(await post(deployments, { file, snapshot: '0'.repeat(32) })).toMatchObject({ status: 422 })
  expect(await post(deployments, { file, snapshot }, eve.bearer)).toMatchObject({ status: 404 })
  expect(await post(`${deployments}/push`, {})).toMatchObject({ status: 409 })
})
