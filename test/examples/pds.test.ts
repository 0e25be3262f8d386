import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { engineWith, startExample } from './example.ts'

vi.setConfig({ testTimeout: 600_000 })

const former = { 'sitewright/example-pds:0.4.217': 'sitewright/example-pds:0.4.176' }

describe.runIf(await engineWith('pds', former))("Bluesky's personal data server with SQLite and WebSockets", () => {
  test('takes its owner as administrator, and keeps invitations when it is archived and upgraded', async () => {
    await using example = await startExample('pds', former)
    const [{ user, value } = { user: '', value: '' }] = example.credentials
    const headers = { authorization: `Basic ${Buffer.from(`${user}:${value}`).toString('base64')}` }
    const version = async () => (await example.ask<{ version: string }>({ path: '/xrpc/_health' })).json.version
    const invite = async (known = headers) => {
      const path = '/xrpc/com.atproto.server.createInviteCode'
      return example.ask<{ code: string }>({ method: 'POST', path, headers: known, body: { useCount: 1 } })
    }
    const codes = async () => {
      const path = '/xrpc/com.atproto.admin.getInviteCodes'
      return (await example.ask<{ codes: { code: string }[] }>({ path, headers })).json.codes.map(({ code }) => code)
    }
    /** The name of the last migration of its database. */
    const migration = async () => {
      const data = join(example.host.home, 'data')
      const generations = (await readdir(data)).filter((name) => name.startsWith(example.id)).toSorted()
      using accounts = new DatabaseSync(join(data, generations.at(-1) ?? '', 'account.sqlite'), { readOnly: true })
      return accounts.prepare('SELECT max(name) AS name FROM kysely_migration').get()?.['name']
    }
    /** What its stream says to a subscriber who is ahead of it. */
    const subscribe = async () => {
      const url = `ws://127.0.0.1:${example.host.port}/xrpc/com.atproto.sync.subscribeRepos?cursor=1000`
      const socket = new WebSocket(url, { headers: { host: `acme.localhost:${example.host.port}` } })
      const { promise, resolve, reject } = Promise.withResolvers<string>()
      socket.once('message', (message) => resolve(String(message)))
      socket.once('error', reject)
      return promise.finally(() => socket.terminate())
    }
    expect((await invite({ authorization: 'Basic YWRtaW46YSBndWVzcw==' })).status).toBe(401)
    expect(await version()).toBe('0.4.176')
    expect(await migration()).toBe('006')
    const code = (await invite()).json.code
    expect(await codes()).toEqual([code])
    expect(await subscribe()).toContain('FutureCursor')

    await example.archiveAndRestore()
    expect(await codes()).toEqual([code])
    await example.upgrade()
    expect(await version()).toBe('0.4.217')
    expect(await migration()).toBe('007')
    expect(await codes()).toEqual([code])
    expect(await subscribe()).toContain('FutureCursor')
    const next = (await invite()).json.code
    expect((await codes()).toSorted()).toEqual([code, next].toSorted())
  })
})
