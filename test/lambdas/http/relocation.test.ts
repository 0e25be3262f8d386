import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { Relocation } from '../../../core/site/relocation.ts'
import type { ActiveSite, LiveSite } from '../../../core/site/site.ts'
import { isLive } from '../../../core/site/site.ts'
import { noteForecast } from '../../../lambdas/relocations/note-rehearsal.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { type GivenSites, givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const room = { local: 10, fast: 10 }
const mebibyte = 1_048_576
const bytes = { local: 10 * mebibyte, fast: 10 * mebibyte }
const window = { from: '2026-03-07T22:00', until: '2026-03-08T04:00', timeZone: 'Europe/Berlin' }

/** For one plan alone, with a variable and a secret that somebody has to set. */
const licensed = parseBlueprint(
  {
    ...welcome(1),
    name: 'licensed',
    plans: ['enterprise'],
    variables: { THEME: { required: true }, API_KEY: { required: true, secret: true } },
    containers: [{ name: 'web', image: 'licensed:1', variables: ['THEME'], secrets: ['API_KEY'] }],
  },
  'licensed.yaml',
)

let stage: ApiStage
let given: GivenSites
let ada: SignedIn
let site: ActiveSite
let count = 0
beforeAll(async () => {
  const capacityOf = (name: 'local' | 'fast') => ({
    name,
    get sites() {
      return room[name]
    },
    get bytes() {
      return bytes[name]
    },
  })
  stage = await openApiStage(() => ({ abuse: unlimited, capacities: [capacityOf('local'), capacityOf('fast')] }))
  await stage.store.blueprints.publish(welcome(1))
  await stage.store.blueprints.publish(licensed)
  given = givenSites(stage)
})
beforeEach(async () => {
  count += 1
  room.fast = 10
  Object.assign(bytes, { local: 10 * mebibyte, fast: 10 * mebibyte })
  ada = await signIn(stage, `ada-${count}@example.com`)
  site = await given.active(ada.accountId, `pumps-${count}`)
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

const asSales = () => stage.operator('sue@example.com', 'sales')
const contract = { number: '4711', firstDay: '2026-03-08', lastDay: '2027-03-07' }
const change = async (terms: object, of = site) =>
  stage.send({ method: 'PUT', path: `/v1/operator/sites/${of.id}/relocation`, headers: await asSales(), body: terms })
const plan = (target: object, of = site, during = window, terms: object = {}) =>
  change({ target, window: during, ...terms }, of)
const withdraw = async () =>
  stage.send({
    method: 'POST',
    path: `/v1/operator/sites/${site.id}/relocation/withdraw`,
    headers: await asSales(),
    body: { reason: 'Another date.' },
  })
const accept = (revision = 1) =>
  stage.send({
    method: 'POST',
    path: `/v1/sites/${site.id}/relocation/accept`,
    headers: ada.headers,
    body: { revision },
  })

const present = async (): Promise<LiveSite> => {
  const found = await stage.store.sites.get(site.id)
  if (isLive(found)) return found
  throw new Error(`it is ${found?.status}`)
}

const rehearse = async (): Promise<void> => {
  const found = await present()
  const target = found.relocation?.target ?? {}
  const change = noteForecast(found, { ...found, target, seconds: 60, at: stage.now() }, given.context)
  if (change === undefined || !(await stage.store.sites.commit(change)).done) throw new Error('it was not noted')
}

/** Its newest archive is of four mebibytes of data. */
const haveData = async (): Promise<void> => {
  const archive = { at: site.createdAt, kind: 'owner', bytes: 1, dataBytes: 4 * mebibyte, files: 1 } as const
  const archives = [{ ...archive, id: `arc_${'0'.repeat(26)}`, blueprint: site.blueprint } as const]
  const after = { ...site, version: site.version + 1, archives }
  const details = { archiveId: archives[0]!.id }
  site = await given.commit(siteChange({ transition: 'recordCopy', before: site, after, details }, given.context))
}

const configure = (variables: Record<string, string>, secrets: readonly string[]) =>
  stage.store.configurations.add({
    ...{ schemaVersion: 1, siteId: site.id, version: 1, at: stage.now(), actor: { kind: 'system' }, reason: 'A test.' },
    ...{ basedOn: 0, changed: [], variables },
    secrets: Object.fromEntries(secrets.map((name) => [name, { sealed: 'x', version: 1, at: stage.now() }])),
  })

describe('a planned relocation', () => {
  it('is shown with the name of its plan, and how long there is to go back', async () => {
    const answer = await plan({ plan: 'growth', cell: 'fast' })
    expect(answer.status).toBe(200)
    expect(answer.json['relocation']).toMatchObject({
      confirmDays: 14,
      target: { plan: 'growth', planName: 'Growth', cell: 'fast' },
    })
  })

  it.each([
    ['a plan that does not exist', { plan: 'gold' }, 'target.plan'],
    ['a blueprint that was never published', { blueprint: { name: 'welcome', version: 9 } }, 'target.blueprint'],
    ['a blueprint that is not for the present plan', { blueprint: { name: 'licensed', version: 1 } }, 'target.plan'],
    [
      'a blueprint that is not for the next plan',
      { blueprint: { name: 'licensed', version: 1 }, plan: 'growth' },
      'target.plan',
    ],
    ['a configuration that does not exist', { configuration: 7 }, 'target.configuration'],
    [
      'a blueprint some of whose variables have no value',
      { blueprint: { name: 'licensed', version: 1 }, plan: 'enterprise' },
      'target.configuration',
    ],
    ['a cell that does not exist', { cell: 'slow' }, 'target.cell'],
    ['nothing new', { cell: 'local' }, 'target'],
  ])('is refused with %s', async (_, target, path) => {
    const { status, json } = await plan(target)
    expect([status, json['type']]).toEqual([400, 'urn:sitewright:problem:invalid-request'])
    expect(json['errors']).toMatchObject([{ path }])
    expect((await present()).relocation).toBeUndefined()
  })

  it('is refused with a secret that has no value, and planned once it has one', async () => {
    const target = { blueprint: { name: 'licensed', version: 1 }, plan: 'enterprise', configuration: 1 }
    await configure({ THEME: 'dark' }, [])
    const refused = await plan(target)
    expect([refused.status, refused.json['detail']]).toEqual([400, expect.stringContaining('secrets.API_KEY')])
    await stage.store.configurations.remove(site.id, 1)
    await configure({ THEME: 'dark' }, ['API_KEY'])
    expect((await plan(target, site, window, { contract })).status).toBe(200)
  })

  it('needs a contract for a plan by agreement, as a subscription would be renewed beside it', async () => {
    const refused = await plan({ plan: 'enterprise' })
    expect([refused.status, refused.json['errors']]).toMatchObject([400, [{ path: 'contract.number' }]])
    expect((await present()).relocation).toBeUndefined()
    expect((await plan({ plan: 'enterprise' }, site, window, { contract })).status).toBe(200)
  })

  it('is refused in the window of another site of the same account, and not beside it', async () => {
    const other = await given.active(ada.accountId, `valves-${count}`)
    expect((await plan({ cell: 'fast' }, other)).status).toBe(200)
    const overlapping = await plan({ cell: 'fast' }, site, {
      ...window,
      from: '2026-03-08T03:30',
      until: '2026-03-08T06:00',
    })
    expect([overlapping.status, overlapping.json['errors']]).toEqual([
      400,
      [expect.objectContaining({ path: 'window.from' })],
    ])
    const after = { ...window, from: '2026-03-08T04:00', until: '2026-03-08T06:00' }
    expect((await plan({ cell: 'fast' }, site, after)).status).toBe(200)
  })

  it('is refused in the window of a site with a hundred newer ones', async () => {
    expect((await plan({ cell: 'fast' })).status).toBe(200)
    for (let newer = 1; newer < 100; newer += 1) await given.active(ada.accountId, `pipes-${count}-${newer}`)
    const newest = await given.active(ada.accountId, `taps-${count}`)
    expect((await plan({ cell: 'fast' }, newest)).json['errors']).toMatchObject([{ path: 'window.from' }])
  })
})

describe('the contract alone', () => {
  const lastEvent = async () => (await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })).items[0]

  const isAgreed = async () => {
    const path = `/v1/sites/${site.id}/billing`
    return (await stage.send({ method: 'GET', path, headers: ada.headers })).json['agreed']
  }

  it('is given, replaced and ended at once, and says so in the history and to its owner', async () => {
    expect(await isAgreed()).toBe(false)
    expect((await change({ contract })).json).toMatchObject({ contract, relocation: null, operation: null })
    const next = { ...contract, number: '4712', lastDay: '2028-03-07' }
    expect((await change({ contract: next, reason: 'Renewed.' })).json).toMatchObject({ contract: next })
    expect(await present()).toMatchObject({ contract: next, plan: site.plan })
    expect(await lastEvent()).toMatchObject({
      type: 'RelocationConfirmed',
      data: { side: 'contract', reason: 'Renewed.' },
    })
    expect(await isAgreed()).toBe(true)
    expect((await change({ contract: null })).json).toMatchObject({ contract: null })
    expect(await isAgreed()).toBe(false)
    const { version } = await present()
    expect((await change({ contract: null })).status).toBe(200)
    expect((await present()).version).toBe(version)
  })

  it.each([
    [{}, 'contract'],
    [{ contract: { ...contract, lastDay: '2026-01-01' } }, 'contract.lastDay'],
    [{ contract, target: { plan: 'growth' } }, 'window'],
  ])('is refused: %j', async (terms, path) => {
    const { status, json } = await change(terms)
    expect([status, json['errors']]).toMatchObject([400, [{ path }]])
    expect((await present()).version).toBe(site.version)
  })

  it('keeps a planned relocation, and is refused once its owner has accepted that', async () => {
    await plan({ cell: 'fast' })
    expect((await change({ contract })).json).toMatchObject({ contract, relocation: { state: 'draft' } })
    await rehearse()
    await accept()
    expect((await change({ contract: null })).status).toBe(409)
    expect(await present()).toMatchObject({ contract })
  })
})

describe('its acceptance', () => {
  it('is refused while the target has no room', async () => {
    await plan({ cell: 'fast' })
    await rehearse()
    room.fast = 0
    const refused = await accept()
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('has no room')])
    expect((await present()).relocation?.state).toBe('draft')
    room.fast = 10
    expect((await accept()).json['relocation']).toMatchObject({ state: 'accepted' })
    expect((await accept()).status).toBe(200)
  })

  it('is refused while a disk cannot take the data, that of the same cell too', async () => {
    await haveData()
    for (const [cell, target] of [
      ['fast', { cell: 'fast' }],
      ['local', { plan: 'growth' }],
    ] as const) {
      expect((await plan(target)).status).toBe(200)
      await rehearse()
      bytes[cell] = 3 * mebibyte
      const refused = await accept((await present()).relocation?.revision)
      expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('no room for the data')])
      bytes[cell] = 4 * mebibyte
    }
    expect((await accept((await present()).relocation?.revision)).json['relocation']).toMatchObject({
      state: 'accepted',
    })
  })

  it('is refused where the configuration is gone', async () => {
    await configure({}, [])
    await plan({ configuration: 1 })
    await rehearse()
    await stage.store.configurations.remove(site.id, 1)
    expect((await accept()).status).toBe(409)
  })

  it('is refused once the contract has ended that its plan by agreement needs', async () => {
    await change({ contract })
    expect((await plan({ plan: 'enterprise' })).status).toBe(200)
    await rehearse()
    await change({ contract: null })
    const refused = await accept()
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining('needs a contract')])
    expect((await present()).relocation?.state).toBe('draft')
    await change({ contract })
    expect((await accept()).json['relocation']).toMatchObject({ state: 'accepted' })
  })

  it('is remembered by the event of a withdrawal, so that its owner hears of it', async () => {
    await plan({ cell: 'fast' })
    await rehearse()
    await accept()
    expect((await withdraw()).json['relocation']).toBeNull()
    const { items } = await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })
    expect(items[0]).toMatchObject({ type: 'RelocationWithdrawn', data: { wasAccepted: true } })
  })

  it('is remembered by the event of another plan, once', async () => {
    await plan({ cell: 'fast' })
    await rehearse()
    await accept()
    const isRemembered: boolean[] = []
    for (const target of [{ plan: 'growth' }, { cell: 'fast' }]) {
      expect((await plan(target)).json['relocation']).toMatchObject({ state: 'draft', interruption: null })
      const { items } = await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })
      isRemembered.push('wasAccepted' in (items[0]?.data ?? {}))
    }
    expect(isRemembered).toEqual([true, false])
  })
})

it.each([
  ['a relocation at once', 'admin', 'relocation', { cell: 'fast' }, 409],
  ['a rehearsal', 'sales', 'rehearsal', { target: { cell: 'fast' } }, 503],
] as const)('%s is refused where the disk cannot take the data', async (_, role, act, body, refusal) => {
  await haveData()
  const send = async () =>
    stage.send({
      method: 'POST',
      path: `/v1/operator/sites/${site.id}/${act}`,
      headers: await stage.operator(`${role}@example.com`, role),
      body: { ...body, reason: 'A test.' },
    })
  bytes.fast = 4 * mebibyte - 1
  const refused = await send()
  expect([refused.status, refused.json['detail']]).toEqual([refusal, expect.stringContaining('has no room for')])
  expect(await present()).toEqual(site)
  bytes.fast = 4 * mebibyte
  expect((await send()).status).toBe(202)
})

describe('the way back', () => {
  const archive = {
    id: 'arc_01jq3v5k8m00000000000000zz',
    at: '2026-03-01T12:00:00.000Z',
    kind: 'release',
    bytes: 1,
    files: 1,
  } as const

  it('is refused while its cell is drained, and visitors notice nothing', async () => {
    const { plan, blueprint, ...found } = await present()
    const back = { plan, blueprint, configuration: 0, cell: 'fast' }
    const relocation: Relocation = {
      ...{ revision: 1, state: 'switched', target: { cell: 'local' }, confirmDays: 14, draftedBy: 'op-1' },
      window: { from: '2026-03-01T00:00:00.000Z', until: '2026-03-01T06:00:00.000Z', timeZone: 'UTC' },
      switched: { at: '2026-03-01T01:00:00.000Z', archiveId: archive.id, back },
    }
    const site = { ...found, plan, blueprint }
    const after = { ...site, version: site.version + 1, archives: [{ ...archive, blueprint }], relocation }
    const details = { archiveId: archive.id }
    await given.commit(siteChange({ transition: 'recordCopy', before: site, after, details }, given.context))
    const asAdmin = async (path: string, body: object = {}) =>
      stage.send({
        method: 'POST',
        path: `/v1/operator/${path}`,
        headers: await stage.operator('ada@example.com', 'admin'),
        body: { reason: 'A test.', ...body },
      })
    const goBack = () => asAdmin(`sites/${site.id}/relocation/switch-back`, { to: 'returned' })
    expect((await asAdmin('cells/fast/drain')).status).toBe(202)
    const refused = await goBack()
    expect([refused.status, refused.json['detail']]).toEqual([409, expect.stringContaining("cell 'fast'")])
    expect(await present()).toEqual(after)
    expect((await asAdmin('rollouts/cell:fast/abort')).status).toBe(200)
    room.fast = 0
    expect((await goBack()).status).toBe(202)
    expect((await present()).operation).toMatchObject({ kind: 'upgrade', target: { cell: 'fast' } })
  })
})
