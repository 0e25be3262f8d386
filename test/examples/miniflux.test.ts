import { describe, expect, test, vi } from 'vitest'
import { waitFor } from '../support/wait-for.ts'
import { engineWith, startExample } from './example.ts'

vi.setConfig({ testTimeout: 600_000 })

const former = { 'sitewright/example-miniflux:2.2.17': 'sitewright/example-miniflux:2.2.10' }
const engine = await engineWith('miniflux', former)

describe.runIf(engine)('Miniflux with Postgres', () => {
  test('keeps what it accepted when Postgres is killed, archived and upgraded', async () => {
    await using example = await startExample('miniflux', former)
    const [{ user, value } = { user: '', value: '' }] = example.credentials
    const headers = { authorization: `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}` }
    const version = async () => (await example.ask<{ version: string }>({ path: '/v1/version', headers })).json.version
    expect((await example.ask({ path: '/v1/me' })).status).toBe(401)
    expect((await example.ask({ path: '/v1/me', headers })).json).toMatchObject({ username: 'admin', is_admin: true })
    expect(await version()).toBe('2.2.10')

    const accepted: string[] = []
    const write = async (title: string) => {
      const { status } = await example.ask({ method: 'POST', path: '/v1/categories', headers, body: { title } })
      if (status === 201) accepted.push(title)
    }
    const expectAll = async () => {
      const answer = await waitFor(async () => {
        const found = await example.ask<{ title: string }[]>({ path: '/v1/categories', headers })
        return found.status === 200 && found
      })
      const titles = answer.json.map(({ title }) => title)
      expect(titles).toEqual(expect.arrayContaining(accepted))
      expect(new Set(titles).size).toBe(titles.length)
    }
    const killPostgres = async () => {
      const label = [`sitewright.site=${example.id}`, 'sitewright.container=database']
      const [found] = (await engine?.calls.listContainers({ filters: { label } })) ?? []
      await engine?.calls.getContainer(found?.Id ?? 'none').kill({ signal: 'SIGKILL' })
    }
    for (let round = 0; round < 3; round += 1) {
      const before = accepted.length
      let isKilled = false
      const writing = (async () => {
        for (let count = 0; !isKilled; count += 1) await write(`round ${round}, ${count}`)
      })()
      await waitFor(async () => accepted.length > before + 10)
      await killPostgres()
      isKilled = true
      await writing
      await expectAll()
    }

    await example.archiveAndRestore()
    await expectAll()
    await write('after the archive')
    await example.upgrade()
    await expectAll()
    expect(await version()).toBe('2.2.17')
    expect(await example.output()).toMatch(/current_version=11\d latest_version=124/)
    await write('after the upgrade')
    await expectAll()
  })
})
