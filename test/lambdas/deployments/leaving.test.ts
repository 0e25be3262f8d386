import { expect, it } from 'vitest'
import { snapshotSoftware } from '../../../adapters/processes/snapshots.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { Site } from '../../../core/site/site.ts'
import { type OwnSoftware, ownBlueprint, type RepositoryRight } from '../../../lambdas/deployments/deployment.ts'
import { ownVersion } from '../../../lambdas/deployments/own-version.ts'
import config from '../../../sitewright.config.ts'
import { noSoftware, playedAccess } from '../../support/no-software.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { signIn } from '../sign-in.ts'
import { giveOwnSite } from './own-site.ts'

const digest = `sha256:${'1'.repeat(64)}`
const file = {
  name: 'ours',
  title: 'Ours',
  containers: [
    { name: 'web', build: { context: '.' }, secrets: ['DB_PASSWORD', 'SESSION_KEY'], given: ['STRIPE_KEY'] },
  ],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
  dataSecrets: ['DB_PASSWORD'],
}

const openScene = async (more: Partial<OwnSoftware> = {}) => {
  const rights: (RepositoryRight | undefined)[] = []
  const ownSoftware = {
    ...noSoftware,
    pin: async (blueprint: Blueprint) => blueprint,
    pushAccess: async (_: SiteId, right?: RepositoryRight) => {
      rights.push(right)
      return playedAccess
    },
    ...more,
  }
  const secrets = { valueOf: async (_: SiteId, name: string) => `value-of-${name}` }
  const stage = await openApiStage(() => ({ abuse: unlimited, ownSoftware, secrets }))
  const { headers, staff, allow, id, sites, active } = await giveOwnSite(stage)
  const record = (version: number) =>
    stage.store.deployments.add({
      ...{ schemaVersion: 1, siteId: id, version, status: 'live', at: stage.now(), images: { web: digest } },
      id: `dpl_${String(version).padStart(26, '0')}`,
      actor: { kind: 'owner', personId: `prsn_${'0'.repeat(26)}` },
      ...{ blueprint: ownVersion(file, { siteId: id, version, images: { web: digest } }), file },
    })
  const deploy = async (configuration?: number) => {
    await record(3)
    const after = { ...active, version: active.version + 1, blueprint: { name: ownBlueprint(id), version: 3 } }
    Object.assign(after, configuration && { configuration })
    const change = { transition: 'upgrade' as const, before: active, after, details: { previousVersion: 1 } }
    await sites.commit<Site>(siteChange(change, sites.context))
  }
  const ask = (what: string, as: Readonly<Record<string, string>> = headers, asked?: object) =>
    stage.send({ method: 'POST', path: `/v1/sites/${id}${what}`, headers: as, ...(asked && { body: asked }) })
  return {
    stage,
    staff,
    id,
    headers,
    rights,
    allow,
    record,
    deploy,
    ask,
    [Symbol.asyncDispose]: () => stage[Symbol.asyncDispose](),
  }
}

it('says that there is no registry where sites run as plain processes', async () => {
  await using scene = await openScene({ pushAccess: snapshotSoftware('').pushAccess })
  await scene.deploy()
  expect((await scene.ask('/export')).json).toMatchObject({ slug: expect.any(String), pull: null })
  const pushed = await scene.ask('/deployments/push')
  expect([pushed.status, pushed.json['type']]).toEqual([409, 'urn:sitewright:problem:no-registry'])
})

it('says what a site runs, with credentials that only pull, and without a value of a secret', async () => {
  await using scene = await openScene()
  expect((await scene.ask('/export')).status).toBe(409)
  await scene.deploy()
  // Who may run nothing new may leave.
  await scene.allow(0)
  const { status, json, text } = await scene.ask('/export')
  expect(status, text).toBe(200)
  expect(json).toMatchObject({
    ...{ slug: 'ours', version: 3, file, images: { web: digest }, given: ['STRIPE_KEY'], dataSecrets: ['DB_PASSWORD'] },
    ...{ generated: ['DB_PASSWORD', 'SESSION_KEY'], pull: { repository: 'own/site' } },
  })
  expect(scene.rights).toEqual(['pull'])
  expect(text).not.toContain('value-of')
})

it('says it also of a version that has come back with an old copy, after many others', async () => {
  await using scene = await openScene()
  await scene.deploy()
  for (let version = 4; version < 105; version += 1) await scene.record(version)
  expect((await scene.ask('/export')).json).toMatchObject({ version: 3 })
  expect((await scene.ask('/export/secrets')).status).toBe(200)
})

it('has the variables that people set, also those that the file does not declare', async () => {
  await using scene = await openScene()
  await scene.stage.store.configurations.add({
    ...{
      schemaVersion: 1,
      siteId: scene.id,
      version: 1,
      at: scene.stage.now(),
      actor: { kind: 'system' },
      reason: 'Set',
    },
    ...{ basedOn: 0, changed: ['GREETING'], variables: { GREETING: 'hello' }, secrets: {} },
  })
  await scene.deploy(1)
  const { json } = await scene.ask('/export')
  expect(json).toMatchObject({
    ...{ variables: { GREETING: 'hello' }, facts: { 'variable.GREETING': 'hello' } },
    blueprint: { containers: [{ variables: ['GREETING'] }] },
  })
})

it('shows the secrets of the data and no other ones, after an entry in the audit log', async () => {
  await using scene = await openScene()
  expect((await scene.ask('/export/secrets')).status).toBe(409)
  await scene.deploy()
  const { status, json } = await scene.ask('/export/secrets')
  expect([status, json]).toEqual([200, { secrets: { DB_PASSWORD: 'value-of-DB_PASSWORD' } }])
  const audit = await scene.stage.send({ path: '/v1/operator/audit', headers: scene.staff })
  const entries = audit.json['entries'] as { action: string; targets: string[] }[]
  expect(entries.filter(({ action }) => action === 'revealDataSecrets')).toMatchObject([
    { targets: [scene.id, expect.any(String)] },
  ])
  expect(scene.stage.logLines.join('\n')).not.toContain('value-of')
})

it('is nothing for other accounts', async () => {
  await using scene = await openScene()
  await scene.deploy()
  const eve = await signIn(scene.stage, 'eve@example.com')
  for (const what of ['/export', '/export/secrets']) expect((await scene.ask(what, eve.headers)).status).toBe(404)
  expect(scene.rights).toEqual([])
})

const parts = { content: 1000, manifest: 100 }

it('gives links to upload data to a new site alone, of a size that its plan allows', async () => {
  await using scene = await openScene()
  const { ask, headers } = scene
  const opened = await ask('/import', headers, parts)
  expect(opened.status, opened.text).toBe(200)
  expect(opened.json).toMatchObject({
    archiveId: expect.stringMatching(/^arc_/),
    content: { url: expect.stringContaining(scene.id), headers: { 'content-length': '1000' } },
  })
  expect((await ask('/import', headers, { ...parts, content: 2 ** 50 })).status).toBe(409)
  expect((await ask('/import', (await signIn(scene.stage, 'eve@example.com')).headers, parts)).status).toBe(404)
  for (let number = 2; number <= 10; number += 1) expect((await ask('/import', headers, parts)).status).toBe(200)
  expect((await ask('/import', headers, parts)).status).toBe(429)
  await scene.allow(0)
  expect((await ask('/import', headers, parts)).status).toBe(403)
  await scene.allow(1)
  await scene.deploy()
  expect((await ask('/import', headers, parts)).status).toBe(409)
})

it('begins an import with its data and values, once', async () => {
  await using scene = await openScene()
  const { ask, headers, stage, id } = scene
  const { archiveId } = (await ask('/import', headers, parts)).json
  const secrets = { DB_PASSWORD: 'that of the data', STRIPE_KEY: 'a key of theirs' }
  const imported = { archiveId, digest: '0'.repeat(64), variables: { GREETING: 'hello' }, secrets }
  const body = { file, images: { web: digest }, import: imported }
  const short = { ...imported, secrets: { ...secrets, STRIPE_KEY: 'short' } }
  expect((await ask('/deployments', headers, { ...body, import: short })).status).toBe(400)
  const missing = { ...imported, secrets: { DB_PASSWORD: secrets.DB_PASSWORD } }
  expect((await ask('/deployments', headers, { ...body, import: missing })).status).toBe(400)
  const eve = await signIn(stage, 'eve@example.com')
  expect((await ask('/deployments', eve.headers, body)).status).toBe(404)
  expect(await stage.store.deployments.list(id, 10)).toEqual([])

  const answer = await ask('/deployments', headers, body)
  expect(answer.status, answer.text).toBe(202)
  expect(answer.json).toMatchObject({ deployment: { version: 1, status: 'deploying', imported: imported.digest } })
  const [set, ...others] = await stage.store.configurations.list(id)
  expect(others).toEqual([])
  expect(set).toMatchObject({ variables: { GREETING: 'hello' }, reason: 'Imported' })
  expect(Object.keys(set?.secrets ?? {}).toSorted()).toEqual(['DB_PASSWORD', 'STRIPE_KEY'])
  const maxBytes = (config.plans.find((plan) => plan.id === 'enterprise')?.limits.storageMiB ?? 0) * 1024 ** 2
  expect(await stage.store.sites.get(id)).toMatchObject({
    operation: { kind: 'upgrade', target: { configuration: set?.version }, copy: { restores: archiveId, maxBytes } },
  })
  expect(answer.text + stage.logLines.join('\n')).not.toMatch(/that of the data|a key of theirs/)
  expect((await ask('/deployments', headers, body)).status).toBe(409)
  expect(await stage.store.deployments.list(id, 10)).toHaveLength(1)
})
