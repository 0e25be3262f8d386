import { rm } from 'node:fs/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { Session } from '../../../lambdas/accounts/session/session-facts.ts'
import { completeFile, rebuildReports } from '../../../lambdas/reports/rebuild-reports.ts'
import { writtenFile } from '../../../lambdas/reports/report-row.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { reportStage } from './report-stage.ts'

const hour = 3_600_000

let stage: Awaited<ReturnType<typeof reportStage>>
beforeEach(async () => {
  stage = await reportStage()
})

/** Two owners, each with a site that is used. */
const live = async () => {
  const owners: { readonly session: Session; readonly id: SiteId }[] = []
  for (const name of ['ada', 'grace']) {
    const session = await stage.signUp(`${name}@example.com`)
    const { id } = await stage.siteOf(session.accountId, name, name)
    await stage.use(id, 5, plusMilliseconds(stage.ports.clocks.wall(), -hour))
    owners.push({ session, id })
  }
  for (const { session, id } of owners) {
    await stage.record(...(await stage.eventsOf(session, id)))
    await stage.follow(session)
    for await (const event of stage.store.eventHistory.list({ type: 'lead', id: session.accountId })) {
      await stage.record(event)
    }
  }
  await stage.write()
  return owners
}
const all = async () => [await stage.rows('events'), await stage.rows('usage')]

describe('the data set', () => {
  it('has a row for each hour of usage, which a later reading replaces', async () => {
    const [{ session, id }] = (await live()) as [Awaited<ReturnType<typeof live>>[number]]
    expect(await stage.rows('usage')).toMatchObject([
      { at: '2026-03-01 11:00:00', requests: '5', bytes: '10', product_events: '0', offer: 'default' },
      { at: '2026-03-01 11:00:00', requests: '5' },
    ])
    await stage.use(id, 2, plusMilliseconds(stage.ports.clocks.wall(), -hour))
    await stage.use(id, 1, stage.ports.clocks.wall())
    await stage.follow(session)
    await stage.write()
    const usage = await stage.rows('usage')
    expect(usage.map(({ at, requests }) => [at, requests]).toSorted()).toEqual([
      ['2026-03-01 11:00:00', '5'],
      ['2026-03-01 11:00:00', '7'],
      ['2026-03-01 12:00:00', '1'],
    ])
    const puts: string[] = []
    const { recordUsage } = await import('../../../lambdas/reports/record-rows.ts')
    const reportRows = { put: async (table: string) => void puts.push(table) }
    await recordUsage({ ...stage.ports, reportRows }, session.accountId, id, [])
    await (await import('../../../lambdas/leads/follow-leads.ts')).followLead(
      { ...stage.ports, reportRows },
      session.accountId,
      { causationId: 'test' },
    )
    expect(puts).toEqual([])
  })

  it('has the hours of the domain clock', async () => {
    const session = await stage.signUp('ada@example.com')
    const { id } = await stage.siteOf(session.accountId, 'ada', 'ada')
    const { clocks } = stage.ports
    const { recordUsage } = await import('../../../lambdas/reports/record-rows.ts')
    const ahead = 30 * 24 * hour
    for (const jitter of [-3, 0, 3]) {
      const turned = { ...clocks, domain: () => plusMilliseconds(clocks.wall(), ahead + jitter) }
      const usage = { ...(await import('../../../lambdas/reports/usage/usage.ts')).noUsage(), requests: 3 }
      await recordUsage({ ...stage.ports, clocks: turned }, session.accountId, id, [
        { start: '2026-03-01T11:00:00.000Z', usage, lastUsedAt: clocks.wall() },
      ])
    }
    await stage.write()
    expect(await stage.rows('usage')).toMatchObject([{ at: '2026-03-31 11:00:00', requests: '3' }])
  })

  it('is rebuilt as it was, and only when it is not complete', async () => {
    const owners = await live()
    const before = await all()
    expect(before[0]!.length).toBeGreaterThanOrEqual(4)
    await rm(`${stage.directory}/events`, { recursive: true })
    await rm(`${stage.directory}/usage`, { recursive: true })
    const { list } = stage.ports.eventHistory
    const ports = {
      ...stage.ports,
      eventHistory: {
        list: async function* (aggregate: Parameters<typeof list>[0]) {
          for await (const event of list(aggregate)) {
            const owner = owners.find(({ id }) => id === aggregate.id)?.session.accountId
            yield { ...event, data: { ...(owner && { accountId: owner }), ...event.data } } as typeof event
          }
        },
      },
    }
    await rebuildReports(ports)
    await stage.write()
    expect(await all()).toEqual(before)
    expect(await stage.paths()).toContain(completeFile)
    const accountRebuilds = {
      ...ports.accountRebuilds,
      due: () => {
        throw new Error('it was listed again')
      },
    }
    await rebuildReports({ ...ports, accountRebuilds })
    await stage.ports.reportFiles.remove(completeFile)
    await expect(rebuildReports({ ...ports, accountRebuilds })).rejects.toThrow('it was listed again')
  })

  /** The accounts whose history a rebuild reads, in each run. */
  const reading = (failing?: AccountId) => {
    const read: string[] = []
    const { list } = stage.ports.eventHistory
    const eventHistory = {
      list: (aggregate: Parameters<typeof list>[0]) => {
        if (aggregate.type === 'account') read.push(aggregate.id)
        if (aggregate.id === failing) throw new Error('away')
        return list(aggregate)
      },
    }
    return { read, ports: { ...stage.ports, eventHistory, log: recordingLog() } }
  }

  it('is not complete while the history of an account cannot be read, which holds no other up', async () => {
    const ids = (await live()).map(({ session }) => session.accountId)
    const { read, ports } = reading(ids[0])
    for (const account of [ids, [ids[0]]]) {
      await expect(rebuildReports(ports)).rejects.toThrow(`not recorded: ${ids[0]}`)
      expect(read.splice(0).toSorted()).toEqual(account.toSorted())
      expect(await stage.paths()).not.toContain(completeFile)
    }
    await rebuildReports(stage.ports)
    expect((await stage.paths()).filter((path) => !path.includes('/day='))).toEqual([completeFile, writtenFile])
  })

  it('is rebuilt in as many runs as it takes, and anew the next time', async () => {
    await live()
    const { read, ports } = reading()
    const ids: string[] = []
    for (let run = 0; run < 2; run += 1) {
      expect(await stage.paths()).not.toContain(completeFile)
      // The time of the run is over with its first account.
      await rebuildReports({ ...ports, monotonic: () => (read.length === 0 ? 0 : 600_000) })
      ids.push(...read.splice(0))
    }
    expect(new Set(ids).size).toBe(2)
    await rebuildReports(ports)
    expect([read, (await stage.paths()).includes(completeFile)]).toEqual([[], true])
    await stage.ports.reportFiles.remove(completeFile)
    stage.pass(hour)
    await rebuildReports(ports)
    expect(read.toSorted()).toEqual(ids.toSorted())
  })

  it('is rebuilt with an account that has a lead and no row', async () => {
    const session = await stage.signUp('ada@example.com')
    await stage.follow(session)
    const { read, ports } = reading()
    await rebuildReports(ports)
    expect(read).toEqual([session.accountId])
    await stage.write()
    const types = (await stage.rows('events')).map(({ type }) => type)
    expect(types.toSorted()).toEqual(['AccountOpened', 'LeadStageChanged'])
  })
})

describe('the erasure of an account', () => {
  it('ends the connection to its rows also where its event was lost', async () => {
    const [owner] = await live()
    const { accountId, personId } = owner!.session
    const { personEraser, reportAccounts, removeExpired } = stage.store
    const reportsUntil = '2026-03-15T12:00:00.000Z'
    await personEraser.erasePerson({ personId, accountId })
    await removeExpired(plusMilliseconds(reportsUntil, 1000))
    expect(await reportAccounts.get(accountId)).toBeDefined()
    await personEraser.erasePerson({ personId, accountId, reportsUntil })
    await removeExpired(reportsUntil)
    expect(await reportAccounts.get(accountId)).toBeDefined()
    await removeExpired(plusMilliseconds(reportsUntil, 1000))
    expect(await reportAccounts.get(accountId)).toBeUndefined()
  })

  it('leaves rows that nobody can connect to it', async () => {
    const [owner] = await live()
    const { session, id } = owner!
    const secretOf = async () => (await stage.store.reportAccounts.get(session.accountId))?.secret
    expect(await secretOf()).toBeDefined()
    const [opened] = await stage.eventsOf(session)
    await stage.record({ ...opened!, id: stage.ports.randomness.id('evt'), type: 'AccountErased', data: {} } as never)
    const account = (await stage.store.accounts.get(session.accountId))!
    const accounts = { get: async () => ({ ...account, closure: { state: 'erased', at: '' } as const }) }
    const { recordEvent } = await import('../../../lambdas/reports/record-rows.ts')
    const reportsUntil = '2026-03-15T12:00:00.000Z'
    await stage.store.personEraser.erasePerson({ ...session, reportsUntil })
    // An event whose delivery failed comes late.
    const late = { ...opened!, id: stage.ports.randomness.id('evt'), type: 'AccountClosed', data: {} } as never
    await recordEvent({ ...stage.ports, accounts }, late)
    await stage.store.removeExpired(plusMilliseconds(reportsUntil, 1000))
    await recordEvent({ ...stage.ports, accounts }, opened!)
    await stage.write()
    expect(await secretOf()).toBeUndefined()
    const types = (await stage.rows('events')).map(({ type }) => type)
    expect(types).toEqual(expect.arrayContaining(['AccountErased', 'AccountClosed']))
    const items = (await stage.everything()).filter((item) => item.includes('"report-') || item.includes('ROWS#'))
    expect(items.length).toBeGreaterThan(4)
    const text = JSON.stringify([await all(), items, await stage.paths()])
    for (const trace of [
      session.accountId,
      session.personId,
      id,
      'ada@',
      ...(await stage.eventsOf(session, id)).map((one) => one.id),
    ]) {
      expect(text).not.toContain(trace)
    }
  })
})
