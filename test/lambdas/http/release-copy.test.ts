import { afterAll, describe, expect, it } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import type { ActiveSite, AsleepSite } from '../../../core/site/site.ts'
import { blueprintStatusSchema } from '../../../lambdas/blueprints/status-answer.ts'
import { assignVersion, beginUpgrade } from '../../../lambdas/releases/swap/begin-swap.ts'
import { abortSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { moveOver } from '../../../lambdas/releases/swap/swap-changes.ts'
import { beginSleep, fallAsleep } from '../../../lambdas/sleep/sleep-site.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const archiveId = 'arc_01jq3v5k8m0000000000000000'
const reason = 'The editor lost its pages.'
let count = 0

const stage = await openApiStage(() => ({ abuse: unlimited }))
const given = givenSites(stage)
const owner = await signIn(stage, 'ada@example.com')
afterAll(() => stage[Symbol.asyncDispose]())

const active = (): Promise<ActiveSite> => {
  count += 1
  return given.active(owner.accountId, `site-${count}`)
}

/** A site that an upgrade has moved to version 2, with the copy from before. */
const upgraded = async (): Promise<ActiveSite> => {
  const site = await active()
  const begun = await given.commit(beginUpgrade(site, { to: 2, migrates: true }, given.context))
  const archive: Archive = {
    ...{ id: archiveId, at: stage.now(), kind: 'release', bytes: 1234, files: 5 },
    blueprint: site.blueprint,
  }
  const moved = {
    endpoint: { host: '127.0.0.1', port: 4001 },
    launch: { blueprint: {}, size: { cpu: 0.5, memoryMiB: 256, processes: 64 } },
    archive,
  }
  const after = await given.commit(moveOver(begun as ActiveSite & SiteUnder<'upgrade'>, moved, given.context))
  return (await given.commit(endOperation(after, 'done', given.context))) as ActiveSite
}

const headersOf = (role: OperatorRole) => stage.operator(`${role}@example.com`, role)
const restore = async ({ id }: ActiveSite, body: object = {}, role: OperatorRole = 'admin') =>
  stage.send({
    method: 'POST',
    path: `/v1/operator/sites/${id}/restore-release-copy`,
    headers: await headersOf(role),
    body: { archiveId, reason, ...body },
  })
const view = async ({ id }: Pick<ActiveSite, 'id'>) =>
  (await stage.send({ method: 'GET', path: `/v1/operator/sites/${id}`, headers: await headersOf('support') })).json

it('a site shows the upgrade from which it went back, with its cause', async () => {
  const site = await active()
  expect(await view(site)).toMatchObject({ failedUpgrade: null, upgradeDue: null })
  const begun = await given.commit(beginUpgrade(site, { to: 2, migrates: false }, given.context))
  const because = { because: 'LaunchFailed', cause: 'crash', notBefore: stage.now() } as const
  await given.commit(abortSwap(begun as ActiveSite & SiteUnder<'upgrade'>, because, given.context))
  expect(await view(site)).toMatchObject({ failedUpgrade: { to: 2, because: 'LaunchFailed', cause: 'crash' } })
})

it('a site that sleeps shows the version that it gets when it wakes', async () => {
  const begun = await given.commit(beginSleep(await active(), given.context))
  const fallen = await given.commit(fallAsleep(begun as ActiveSite & SiteUnder<'sleep'>, given.context))
  const asleep = (await given.commit(endOperation(fallen as AsleepSite, 'done', given.context))) as AsleepSite
  await given.commit(assignVersion(asleep, { to: 2, migrates: false, runs: false }, given.context))
  expect(await view(asleep)).toMatchObject({ blueprint: { version: 1 }, upgradeDue: { to: 2 } })
})

describe('an operator restores the data from before an upgrade', () => {
  it('by the copy that the site shows, once, with a reason in history and audit log', async () => {
    const site = await upgraded()
    expect(await view(site)).toMatchObject({ releaseCopy: { id: archiveId, at: site.archives[0]?.at, version: 1 } })
    const begun = await restore(site)
    expect(begun).toMatchObject({
      status: 202,
      json: { id: site.id, operation: 'restore-copy', version: site.version + 1 },
    })
    expect(stage.executions).toContain(`upgrade-site-${site.id}-${site.version + 1}-1`)
    expect(await restore(site)).toEqual(begun)
    const { items } = await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })
    expect(items[0]).toMatchObject({
      type: 'SiteOperationBegun',
      actor: { kind: 'operator', role: 'admin' },
      data: { operation: 'upgrade', reason },
    })
    const query = { target: site.id }
    const headers = await headersOf('admin')
    const audited = await stage.send({ method: 'GET', path: '/v1/operator/audit', query, headers })
    expect(JSON.stringify(audited.json)).toContain('operatorRestoreReleaseCopy')
  })

  it('only as an administrator, and with a reason', async () => {
    const site = await upgraded()
    for (const role of ['support', 'sales'] as const) expect((await restore(site, {}, role)).status).toBe(403)
    expect((await restore(site, { reason: ' ' })).status).toBe(400)
    expect(await stage.store.sites.get(site.id)).toEqual(site)
  })

  it('only if the site has that copy', async () => {
    const refused = { status: 409, json: { type: 'urn:sitewright:problem:transition-not-allowed' } }
    const site = await upgraded()
    expect(await restore(site, { archiveId: 'arc_other' })).toMatchObject(refused)
    const never = await active()
    expect(await view(never)).toMatchObject({ releaseCopy: null })
    const answer = await restore(never)
    expect(answer).toMatchObject(refused)
    expect(answer.json['detail']).toBe(`${never.id} has no copy of the kind \`release\`: no upgrade copied its data.`)
  })
})

it('a roll-out names the cause of each failure, and how many sites get the version as they wake', async () => {
  const { body, headers } = { body: { blueprint: 'welcome', version: 1, reason }, headers: await headersOf('admin') }
  await stage.store.blueprints.publish(welcome(1))
  const started = await stage.send({ method: 'POST', path: '/v1/operator/rollouts', headers, body })
  expect(started).toMatchObject({ status: 202, json: { failed: [], assigned: 0 } })
  const { id } = await active()
  const rollout = await stage.store.rollouts.read('welcome')
  if (rollout === undefined) throw new Error('there is no roll-out')
  const failed = [{ siteId: id, because: 'LaunchFailed', cause: 'open' as const }]
  await stage.store.rollouts.write({ ...rollout, version: rollout.version + 1, failed, assigned: 3 })
  const listed = await stage.send({ method: 'GET', path: '/v1/operator/rollouts', headers })
  expect(listed).toMatchObject({ status: 200, json: { rollouts: [{ failed, assigned: 3 }] } })
})

it('the list of blueprints names the versions that were published, and which of them failed', async () => {
  const headers = await headersOf('admin')
  for (const version of [4, 7, 9]) await stage.store.blueprints.publish(welcome(version))
  const rollout = await stage.store.rollouts.read('welcome')
  if (rollout === undefined) throw new Error('there is no roll-out')
  await stage.store.rollouts.write({ ...rollout, version: rollout.version + 1, heldBack: [9] })
  const { json } = await stage.send({ path: '/v1/operator/blueprints', headers })
  const status = blueprintStatusSchema.parse((json['blueprints'] as unknown[])[0])
  expect(status).toMatchObject({ current: 7, newest: 9 })
  expect(status.versions.map(({ version, heldBack }) => [version, heldBack])).toEqual([
    [1, false],
    [4, false],
    [7, false],
    [9, true],
  ])
})
