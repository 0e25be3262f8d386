import { describe, expect, it } from 'vitest'
import { oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import type { ArchiveJob, Archiver } from '../../../core/ports/archives.ts'
import type { Launch, OneOff, OneOffState } from '../../../core/ports/runtime.ts'
import { endOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import { gateOf } from '../../../core/site/hand-over.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, BuildingSite, KeptSite, Site } from '../../../core/site/site.ts'
import { secretsOf } from '../../../lambdas/configuration/read-configuration.ts'
import type { AdvancePorts } from '../../../lambdas/deployments/advance-deployments.ts'
import { endPause, pauseForCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { cloneFrom } from '../../../lambdas/environments/clone.ts'
import { followOriginal } from '../../../lambdas/rehearsals/rehearsal.ts'
import { anonymiseCopy, beginBuild, destroyCopy, takeResult } from '../../../lambdas/sites/build/anonymise-copy.ts'
import { finishBuild, noteLaunch, noteSeeded, retryBuild } from '../../../lambdas/sites/build/build-changes.ts'
import { buildFailure } from '../../../lambdas/sites/build/build-failure.ts'
import { restoreArchive } from '../../../lambdas/sites/build/build-from-archive.ts'
import { failSite } from '../../../lambdas/sites/build/fail-site.ts'
import { seed } from '../../../lambdas/sites/build/hand-over-first.ts'
import { healBuilds } from '../../../lambdas/sites/heal-work.ts'
import { readLogs } from '../../../lambdas/sites/logs/api.ts'
import { healWork } from '../../../lambdas/sites/run/functions.ts'
import { readStateMachine } from '../../../statemachines/read-state-machine.ts'
import { welcome } from '../../support/provisioning.ts'
import {
  ada,
  at,
  copied,
  count,
  create,
  deployFile,
  endpoint,
  giveEnvironments,
  given,
  plans,
  policy,
  ports,
  production,
  read,
  run,
  runs,
  send,
  stage,
  type View,
} from './environment-stage.ts'

const hour = 3_600_000
const image = `docker.io/library/node@sha256:${'a'.repeat(64)}`
const environments = {
  production: { variables: { LEVEL: 'warn' } },
  qa: { expires: '12d', variables: { LEVEL: 'debug' } },
  clone: { data: 'copy' },
  masked: { data: 'anonymised' },
  out: { outbound: 'internet' },
  old: { expires: 'never' },
}
const fileOf = (more: object = {}) => ({
  ...{ name: 'shop', title: 'Shop', access: 'public', outbound: 'internet', sleep: 'never' },
  ...{
    containers: [{ name: 'web', image, secrets: ['DB_PASSWORD', 'SESSION_KEY'] }],
    dataSecrets: ['DB_PASSWORD'],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
  },
  ...{ anonymise: { command: ['dump'], load: ['load'] }, environments },
  ...more,
})

const deploy = (id: string, file: object = fileOf()) => deployFile(id, file)
giveEnvironments()

const copy = { data: 'copy', reason: 'Bug 4711' }
const made = async (body: object): Promise<BuildingSite> => {
  const { status, text, json } = await create(body)
  expect(status, text).toBe(202)
  return read<BuildingSite>((json as unknown as View).id)
}

describe('a clone', () => {
  it('of production needs a copy, an owner and a reason, and counts as production data', async () => {
    await deploy(production.id)
    const none = await create({ name: 'c', ...copy })
    expect([none.status, none.json['detail']]).toEqual([409, expect.stringContaining('--fresh')])
    const archive = await copied(production.id)
    const silent = await create({ name: 'c', data: 'copy' })
    expect([silent.status, silent.json]).toMatchObject([400, { errors: [{ path: 'reason' }] }])
    const sources = {
      ...{ source: await read(production.id), file: undefined, blueprint: welcome(1), set: undefined },
      ...{ plan: plans.find('enterprise'), isOwner: false },
    }
    expect(() => cloneFrom(given.context, sources, { data: 'copy', reason: 'x' })).toThrow(/Only owners/)
    const site = await made({ name: 'c', ...copy })
    expect(site).toMatchObject({
      operation: { from: { siteId: production.id, archiveId: archive.id } },
      access: 'owner',
      environmentOf: { copyOf: production.id, hasProductionData: true, dataSecrets: { DB_PASSWORD: production.id } },
    })
    const [event] = (await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })).items
    expect(event).toMatchObject({ actor: { kind: 'owner' }, data: { reason: 'Bug 4711' } })
  })

  it('goes to a cell whose disk can take the data, which no other environment needs', async () => {
    await deploy(production.id)
    await copied(production.id, { dataBytes: 20_001 })
    expect((await create({ name: 'one', ...copy })).status).toBe(503)
    await copied(production.id, { dataBytes: 20_000 })
    const [one, two] = [await made({ name: 'one', ...copy }), await made({ name: 'two' })]
    expect([one, two]).toMatchObject([{ cell: 'large' }, { cell: 'local' }])
  })

  it('goes by the data of its source, not by that of production', async () => {
    await deploy(production.id)
    await copied(production.id, { dataBytes: 20_001 })
    const { id } = await run((await made({ name: 'one' })).id)
    await copied(id, { dataBytes: 1 })
    expect((await create({ name: 'two', ...copy })).status).toBe(503)
    expect((await create({ name: 'two', from: 'one', ...copy })).status).toBe(202)
  })

  it('is made from what its source goes on with, or went on with then', async () => {
    const source = await read<ActiveSite>(production.id)
    const { blueprint } = source
    const copyAt = (day: number, at = `2026-01-0${day}T00:00:00.000Z`) => ({
      ...({ id: `arc_${String(day).padStart(26, '0')}`, at, kind: 'owner' } as const),
      ...{ bytes: 1, files: 1, blueprint: { ...blueprint, version: blueprint.version + day } },
    })
    // The first was restored on the fourth day.
    const setAside = copyAt(4).at
    const former = { ...copyAt(2), setAside }
    const archives = [{ ...copyAt(4), setAside }, former, copyAt(1)]
    const sources = {
      ...{ source: { ...source, archives }, file: undefined, blueprint: welcome(1), set: undefined },
      ...{ plan: plans.find('enterprise'), isOwner: true },
    }
    const cloned = (more: object) => cloneFrom(given.context, sources, { data: 'copy', reason: 'x', ...more })
    expect(cloned({}).from).toMatchObject({ archiveId: copyAt(1).id })
    // A clock was ahead when it was taken.
    archives.unshift(copyAt(5, '2099-01-01T00:00:00.000Z'))
    expect(cloned({}).from).toMatchObject({ archiveId: copyAt(1).id })
    expect(cloned({ at: setAside }).from).toMatchObject({ archiveId: copyAt(1).id })
    expect(cloned({ at: copyAt(3).at })).toMatchObject({ from: { archiveId: former.id }, writtenBy: former.blueprint })
    // The copy is still to be taken.
    expect(cloned({ fresh: true })).toMatchObject({ from: { siteId: source.id }, writtenBy: blueprint })
  })

  it('of a clone has its mark and its secrets', async () => {
    await deploy(production.id)
    await copied(production.id)
    const { id } = await run((await made({ name: 'one', ...copy })).id)
    await copied(id)
    expect((await create({ name: 'two', from: 'one', data: 'copy' })).status).toBe(400)
    expect((await made({ name: 'two', from: 'one', ...copy })).environmentOf).toMatchObject({
      ...{ copyOf: id, hasProductionData: true, dataSecrets: { DB_PASSWORD: production.id } },
    })
    const { json } = await send('GET', at())
    expect(json).toMatchObject({ environments: [{ environment: { hasProductionData: true } }, {}] })
  })

  it('has other secrets than its source, but for those that its data depends on', async () => {
    await deploy(production.id)
    await copied(production.id)
    const site = await made({ name: 'c', ...copy })
    const store = stage.store.configurations
    const secrets = { valueOf: async (siteId: string, name: string) => `${siteId} ${name}` }
    const ofSite = (one: Site) =>
      secretsOf({ secrets, configurations: store, secretOpener: { open: async () => '' } }, one, content, undefined)
    const content = (await runs(site)) as NonNullable<Awaited<ReturnType<typeof runs>>>
    expect((await ofSite(site)).values).toEqual({
      DB_PASSWORD: `${production.id} DB_PASSWORD`,
      SESSION_KEY: `${site.id} SESSION_KEY`,
    })
  })

  it('keeps a secret that was set as it was sealed, without opening it', async () => {
    await deploy(production.id)
    const containers = [{ name: 'web', image, given: ['STRIPE_KEY', 'DATA_KEY'] }]
    const deployment = { file: fileOf({ containers, dataSecrets: ['DATA_KEY'] }) }
    const values = { STRIPE_KEY: 'a-key-of-stripe', DATA_KEY: 'a-key-of-data' }
    const { id } = await run((await made({ name: 'one', deployment, secrets: values })).id)
    await copied(id)
    const missing = await create({ name: 'two', from: 'one', data: 'copy' })
    expect([missing.status, missing.json]).toMatchObject([400, { errors: [{ path: 'secrets.STRIPE_KEY' }] }])
    const two = await made({ name: 'two', from: 'one', data: 'copy', secrets: { STRIPE_KEY: 'another-of-stripe' } })
    const [one, other] = [
      await stage.store.configurations.read(id, 1),
      await stage.store.configurations.read(two.id, 1),
    ]
    expect(other?.secrets['DATA_KEY']).toEqual({ ...one?.secrets['DATA_KEY'], of: id })
    expect(other?.secrets['STRIPE_KEY']).not.toHaveProperty('of')
    expect(two.environmentOf).not.toHaveProperty('hasProductionData')
  })

  it('is refused where it is too large, before anything is made', async () => {
    await deploy(production.id)
    await copied(production.id, { dataBytes: 513 * 1_048_576 })
    const { status, json } = await create({ name: 'c', ...copy })
    expect([status, json['detail']]).toEqual([409, expect.stringContaining('513 MiB')])
    expect((await send('GET', at())).json).toMatchObject({ environments: [] })
  })

  it('uses the copy of a time, or waits for a fresh one', async () => {
    await deploy(production.id)
    const old = await copied(production.id)
    const then = stage.now()
    stage.turnClock(hour)
    await copied(production.id)
    expect((await made({ name: 'older', ...copy, at: then })).operation.from).toMatchObject({ archiveId: old.id })
    expect((await create({ name: 'x', ...copy, at: then, fresh: true })).status).toBe(400)
    expect((await create({ name: 'x', data: 'empty', at: then })).status).toBe(400)
    const waiting = await made({ name: 'new', ...copy, fresh: true })
    expect(waiting.operation.from).toEqual({ siteId: production.id })
    expect((await read(production.id)).operation).toMatchObject({ kind: 'copy' })
    const fresh = await copied(production.id)
    await followOriginal(ports() as never, production.id, 'an-event')
    expect(await read(waiting.id)).toMatchObject({ operation: { from: { archiveId: fresh.id } } })
  })

  it('is built from a fresh copy as soon as it is taken, before it is verified, and not while it is taken again', async () => {
    await deploy(production.id)
    const waiting = await made({ name: 'new', ...copy, fresh: true })
    const present = async () => (await read(production.id)) as ActiveSite & SiteUnder<'copy'>
    const follow = async () => {
      await followOriginal(ports() as never, production.id, 'an-event')
      return (await read<BuildingSite>(waiting.id)).operation.from
    }
    const waits = { siteId: production.id }
    expect(await follow()).toEqual(waits)
    await given.commit(pauseForCopy(await present(), given.context))
    expect(await follow()).toEqual(waits)
    const endpoint = { host: '127.0.0.1', port: 4001 }
    const taken = endPause(await present(), endpoint, given.context)
    await given.commit(taken)
    await given.commit(pauseForCopy(await present(), given.context))
    expect(await follow()).toEqual(waits)
    await given.commit(endPause(await present(), endpoint, given.context))
    expect((await read(production.id)).archives).toEqual([])
    expect(await follow()).toEqual({ ...waits, archiveId: (await present()).operation.archiveId })
  })

  it('hears of a pause that has ended', () => {
    const operation = expect.arrayContaining(['pause', 'copy']) as string[]
    expect(healWork.triggers).toContainEqual(
      expect.objectContaining({
        events: expect.objectContaining({
          'detail-type': expect.arrayContaining(['SiteOperationEnded', 'SiteCopied']) as string[],
          detail: { data: expect.objectContaining({ operation }) as object },
        }) as object,
      }),
    )
  })

  it('fails if its copy is damaged, and nothing is started', async () => {
    await deploy(production.id)
    await copied(production.id)
    const { id, operation } = await made({ name: 'c', ...copy })
    const damaged = { state: 'failed', error: 'ArchiveDamaged', message: 'The archive is not whole.' } as const
    const restoring = restoreArchive({ ...ports(), archiver: { run: async () => damaged } } as never, {
      ...{ siteId: id, fence: operation.fence },
    })
    await expect(restoring).rejects.toMatchObject({ kind: 'ArchiveDamaged' })
    const { States } = readStateMachine('provision-site')
    expect(States['CheckArchive']).toMatchObject({
      Retry: expect.arrayContaining([
        { ErrorEquals: expect.arrayContaining(['ArchiveDamaged']) as string[], MaxAttempts: 0 },
      ]),
      Catch: expect.arrayContaining([expect.objectContaining({ ErrorEquals: ['States.ALL'], Next: 'FailSite' })]),
    })
    expect((await read<BuildingSite>(id)).operation).not.toHaveProperty('launchedAt')
  })

  it('fails if the fresh copy does, and gives its place back', async () => {
    await deploy(production.id)
    const { id } = await made({ name: 'new', ...copy, fresh: true })
    await given.commit(endOperation((await read(production.id)) as KeptSite, 'failed', given.context))
    await followOriginal(ports() as never, production.id, 'an-event')
    expect(await read<Site>(id)).toMatchObject({ status: 'failed' })
    expect((await create({ name: 'one', deployment: { file: fileOf() } })).status).toBe(202)
    expect((await create({ name: 'two', deployment: { file: fileOf() } })).status).toBe(202)
  })

  it('of a vendor is a copy without a way out, and gets no deployments', async () => {
    const vendors = await given.active(ada.accountId, `vendors-${count}`)
    const after = { ...vendors, version: vendors.version + 1, plan: 'enterprise' }
    await given.commit(siteChange({ transition: 'changePlan', before: vendors, after }, given.context))
    await copied(vendors.id)
    const path = `/v1/sites/${vendors.id}/environments`
    expect((await send('POST', path, { name: 'c', data: 'seed' })).status).toBe(400)
    const { status, json, text } = await send('POST', path, { name: 'c', reason: 'Bug 4711' })
    expect(status, text).toBe(202)
    const site = await read<BuildingSite>((json as unknown as View).id)
    expect(site).toMatchObject({ blueprint: vendors.blueprint, environmentOf: { hasProductionData: true } })
    // The product knows the owner by it.
    expect(site.environmentOf?.dataSecrets).toMatchObject({ [oneTimePassword]: vendors.id })
    const refused = await send('POST', `/v1/sites/${site.id}/deployments`, { file: fileOf() })
    expect([refused.status, refused.json['detail']]).toEqual([403, expect.stringContaining('vendor')])
    // The version lets everybody in.
    expect(await runs(site)).toMatchObject({ access: 'public' })
    await run(site.id)
    const archive = await copied(site.id)
    const restored = await send('POST', `/v1/sites/${site.id}/archives/${archive.id}/restore`)
    expect(restored.status, restored.text).toBe(202)
    expect(gateOf(await run(site.id))).toBe('private')
  })
})

describe('anonymising', () => {
  const masked = async () => {
    await deploy(production.id)
    const archive = await copied(production.id)
    const site = await made({ name: 'masked' })
    return { archive, site, attempt: { siteId: site.id, fence: site.operation.fence } }
  }
  const launching = (state: OneOffState, seen: OneOff[] = [], launches: Launch[] = []) =>
    ({
      ...ports(),
      ...{ rootPublicKey: 'key', siteUrl: (hostname: string) => hostname },
      secrets: { valueOf: async (siteId: string, name: string) => `${siteId} ${name}` },
      secretOpener: { open: async () => '' },
      clocks: given.context.clocks,
      runtime: {
        runOnce: async (launch: Launch, one: OneOff) => {
          seen.push(one)
          launches.push(launch)
          return state
        },
      },
    }) as unknown as Parameters<typeof anonymiseCopy>[0]

  it('runs the command with the secrets of the source, without a way out, and needs no reason', async () => {
    const { site, attempt } = await masked()
    const seen: OneOff[] = []
    const launches: Launch[] = []
    await anonymiseCopy(launching({ state: 'ended', exitCode: 0, lines: [] }, seen, launches), attempt)
    expect(seen).toMatchObject([
      { command: ['dump'], hidesOutput: true, secrets: { SESSION_KEY: `${production.id} SESSION_KEY` } },
    ])
    expect(launches).toMatchObject([
      { blueprint: { outbound: 'none' }, secrets: { SESSION_KEY: `${site.id} SESSION_KEY` } },
    ])
    expect(site.environmentOf).not.toHaveProperty('hasProductionData')
    expect(site.environmentOf).not.toHaveProperty('dataSecrets')
  })

  it.each([
    ['hangs', { state: 'ended', lines: [] }, 'it may take 1500 seconds'],
    ['fails', { state: 'ended', exitCode: 4, lines: [] }, 'exit code 4'],
  ] as const)('says so if the command %s', async (_, state, reason) => {
    const { site, attempt } = await masked()
    await expect(anonymiseCopy(launching(state), attempt)).rejects.toThrow(reason)
    const failure = buildFailure(await read<BuildingSite>(site.id), 'LaunchFailed')
    expect(failure.reason).toContain(reason)
  })

  const line = 'EACCES: permission denied, open /data/ada@example.com'
  const failing = () => launching({ state: 'ended', exitCode: 4, lines: [line] })
  const observing = () => {
    const runtime = {
      locate: async () => undefined,
      observe: async () => ({ containers: [{ name: 'web', isRunning: false, ends: 1, lines: [line] }] }),
      readLogs: async () => [{ container: 'web', lines: [line], position: '1' }],
    }
    return { ...failing(), runtime } as unknown as Parameters<typeof readLogs>[0] & Parameters<typeof failSite>[0]
  }
  const shown = async (site: Site) =>
    (await readLogs(observing(), site, { after: undefined, reader: 'operator' })).containers

  it('shows no output before the result is loaded: it may have data of the copy', async () => {
    const { site, attempt } = await masked()
    expect(await shown(site)).toEqual([])
    const archiver: Archiver = { run: async () => ({ state: 'done', bytes: 1, files: 1, dataBytes: 1 }) }
    await takeResult({ ...ports(), archiver } as never, attempt)
    await destroyCopy({ ...ports(), archiver } as never, attempt)
    const anonymised = await read<BuildingSite>(site.id)
    expect(await shown(anonymised)).toEqual([])
    expect(await shown(noteSeeded(anonymised, given.context).after)).toMatchObject([{ lines: [line] }])
  })

  it('keeps no output of a command that fails, and says so', async () => {
    const { site, attempt } = await masked()
    await expect(anonymiseCopy(failing(), attempt)).rejects.toThrow('exit code 4. Its output is not kept')
    await failSite(observing(), attempt, 'LaunchFailed')
    const [evidence] = await stage.store.evidence.list(site.id)
    expect(evidence).toMatchObject({ cause: 'crash', observation: { containers: [{ name: 'web', lines: [] }] } })
    const failed = await read<Site>(site.id)
    expect(failed).toMatchObject({ failure: { reason: expect.stringContaining('Its output is not kept') as string } })
    expect(JSON.stringify([evidence, failed])).not.toContain('ada@example.com')
    expect(await shown(failed)).toEqual([])
  })

  it('packs the result alone, destroys the copy, and goes on in another directory', async () => {
    const { site, attempt } = await masked()
    const jobs: ArchiveJob[] = []
    const archiver = (files: number): Archiver => ({
      run: async (job) => {
        jobs.push(job)
        return { state: 'done', bytes: 1, files, dataBytes: 1 }
      },
    })
    await expect(takeResult({ ...ports(), archiver: archiver(0) } as never, attempt)).rejects.toThrow('wrote nothing')
    expect(jobs.map(({ kind }) => kind)).toEqual(['copy'])
    const around = { ...ports(), archiver: archiver(1) } as never
    await destroyCopy(around, attempt)
    expect(jobs).toHaveLength(1)
    await takeResult(around, attempt)
    // A process that was lost here begins again: its copy may be destroyed already.
    const ran: OneOff[] = []
    await anonymiseCopy(launching({ state: 'running' }, ran), attempt)
    await takeResult(around, attempt)
    expect([ran.length, jobs.length]).toEqual([0, 2])
    await destroyCopy(around, attempt)
    const { result } = site.environmentOf ?? {}
    const own = { siteId: site.id, home: { siteId: site.id, generation: 1 } }
    expect(jobs.slice(1)).toMatchObject([
      { kind: 'copy', ...own, archiveId: result, below: `.${result}` },
      { kind: 'release', ...own },
    ])
    expect(await read<BuildingSite>(site.id)).toMatchObject({
      ...{ generation: 2, operation: { from: { siteId: site.id, archiveId: result } } },
      environmentOf: { seed: ['load'] },
    })
  })

  it('hides what the command prints that loads the result, also once the site fails to start after it', async () => {
    const { site, attempt } = await masked()
    const archiver: Archiver = { run: async () => ({ state: 'done', bytes: 1, files: 1, dataBytes: 1 }) }
    await takeResult({ ...ports(), archiver } as never, attempt)
    await destroyCopy({ ...ports(), archiver } as never, attempt)
    const anonymised = await read<BuildingSite>(site.id)
    const { result: _, ...seeded } = anonymised.environmentOf ?? ({} as never)
    const runs: OneOff[] = []
    const running = launching({ state: 'running' }, runs)
    for (const environmentOf of [anonymised.environmentOf, seeded]) {
      const one = { ...anonymised, environmentOf } as BuildingSite
      await expect(seed(running, one, {} as Launch, attempt)).rejects.toMatchObject({ kind: 'SiteNotReady' })
    }
    expect(runs.map(({ command, hidesOutput }) => [command, hidesOutput])).toEqual([
      [['load'], true],
      [['load'], undefined],
    ])
  })

  it('is loaded again where a later attempt restores the result again', async () => {
    const { site, attempt } = await masked()
    const archiver: Archiver = { run: async () => ({ state: 'done', bytes: 1, files: 1, dataBytes: 1 }) }
    await takeResult({ ...ports(), archiver } as never, attempt)
    await destroyCopy({ ...ports(), archiver } as never, attempt)
    const { after: loaded } = noteSeeded(await read<BuildingSite>(site.id), given.context)
    const launched = noteLaunch(loaded, given.context)?.after ?? loaded
    const { after: again } = retryBuild(launched, given.context)
    expect(again).toMatchObject({ generation: loaded.generation + 1, environmentOf: { seed: ['load'] } })
    expect(again.operation).not.toHaveProperty('seeded')
    // Where nothing is restored again, the data that is there stays filled.
    const { from: _, ...operation } = launched.operation
    const { after: kept } = retryBuild({ ...launched, operation }, given.context)
    expect(kept).toMatchObject({ generation: loaded.generation, operation: { seeded: true } })
    const opened = finishBuild({ ...loaded, endpoint }, policy, given.context).after
    expect(opened.environmentOf).not.toHaveProperty('seed')
  })

  it('is a workflow before the build, which begins once, also where its beginning was lost', async () => {
    const { site, attempt } = await masked()
    const started = new Set<string>()
    const workflows = {
      start: async (machine: string, name: string) => void started.add(`${machine} ${name}`),
      status: async (machine: string, name: string) => (started.has(`${machine} ${name}`) ? 'running' : 'unknown'),
    }
    const begun = () => [...started].filter((one) => one.includes(site.id))
    const around = { ...ports(), workflows } as unknown as Parameters<typeof beginBuild>[0] & AdvancePorts
    await healBuilds(around, 'tick')
    const [first] = begun()
    expect([begun(), first]).toEqual([[first], expect.stringMatching(/^anonymise-copy /)])
    const archiver: Archiver = { run: async () => ({ state: 'done', bytes: 1, files: 1, dataBytes: 1 }) }
    await takeResult({ ...ports(), archiver } as never, attempt)
    await destroyCopy({ ...ports(), archiver } as never, attempt)
    await healBuilds(around, 'tick')
    await beginBuild(around, attempt)
    expect(begun()).toEqual([first, first?.replace('anonymise-copy', 'provision-site')])
  })
})
