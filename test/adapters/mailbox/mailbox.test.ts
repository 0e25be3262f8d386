import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import timers from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Mailbox, type MailboxOptions, openMailbox } from '../../../adapters/mailbox/mailbox.ts'
import type { StoredMessage } from '../../../adapters/mailbox/spool.ts'
import { emailHash, normalEmail } from '../../../core/email.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import { type MailServer, type MailServerOptions, startMailServer } from './mail-server.ts'

const message = (id: string, change: Partial<MailMessage> = {}): MailMessage => ({
  id,
  to: `${id}@example.com`,
  subject: `Subject of ${id}`,
  text: `Text of ${id}`,
  html: `<p>HTML of ${id}</p>`,
  links: [`http://localhost:4000/${id}`],
  ...change,
})

let directory: string
const mailboxes: Mailbox[] = []
const servers: MailServer[] = []
const logged: string[] = []

const write = (details: unknown, text?: unknown) => logged.push(JSON.stringify([details, text]))
const log = { info: write, warn: write, error: write } as unknown as MailboxOptions['log']

/** Every call is a second later than the one before. */
const makeClock = () => {
  let second = 0
  return () => new Date(Date.UTC(2026, 0, 31, 9, 30, second++)).toISOString()
}

const open = async (options: Partial<MailboxOptions> = {}): Promise<Mailbox> => {
  const pace = { firstPauseMilliseconds: 1, longestPauseMilliseconds: 8 }
  const mailbox = await openMailbox({ directory, now: makeClock(), log, pace, ...options })
  mailboxes.push(mailbox)
  return mailbox
}

const smtp = (server: Pick<MailServer, 'url'>) => ({
  url: server.url,
  from: 'Sitewright <no-reply@sitewright.test>',
  replyTo: 'hello@sitewright.test',
})

const startServer = async (options?: MailServerOptions): Promise<MailServer> => {
  const server = await startMailServer(options)
  servers.push(server)
  return server
}

describe('erasing an address', () => {
  it('knows a message that the disk did not delete, for the next time', async () => {
    const mailbox = await open()
    await mailbox.send(message('one', { to: 'ada@example.com' }))
    const file = join(directory, 'one.json')
    await rm(file)
    await mkdir(file)
    await expect(mailbox.erase(emailHash('ada@example.com'))).rejects.toThrow('EISDIR')
    expect(await mailbox.list()).toHaveLength(1)
    await rm(file, { recursive: true })
    expect(await mailbox.erase(emailHash('ada@example.com'))).toBe(true)
    expect(await mailbox.list()).toEqual([])
  })

  it('deletes its messages, in any spelling, and no others', async () => {
    const mailbox = await open()
    await mailbox.send(message('one', { to: 'Ada@example.com' }))
    await mailbox.send(message('two', { to: 'bob@example.com' }))
    expect(await mailbox.erase(emailHash('ada@example.com'))).toBe(true)
    expect((await mailbox.list()).map(({ id }) => id)).toEqual(['two'])
    expect(await readdir(directory)).toHaveLength(1)
  })

  it('deletes what names it, such as a mail to sales', async () => {
    const mailbox = await open()
    await mailbox.send(
      message('one', { to: 'sales@example.com', subject: 'Ada, Ada@example.com wants to talk to you' }),
    )
    await mailbox.send(message('two', { to: 'sales@example.com', text: '– Ada, ada@example.com: hot, 80. Used.' }))
    await mailbox.send(message('three', { to: 'sales@example.com', text: 'bob@example.com, lada@example.com' }))
    expect(await mailbox.erase(emailHash('ada@example.com'))).toBe(true)
    expect((await mailbox.list()).map(({ id }) => id)).toEqual(['three'])
  })

  it.each([
    ['r&d@example.org', 'd@example.org'],
    ['ada@bücher.example', 'ada@example'],
    ["o'brien@example.org", 'brien@example.org'],
  ])('knows %s from %s where a text names it', async (address, other) => {
    const mailbox = await open()
    await mailbox.send(message('one', { to: 'sales@example.com', text: `It is '${address}'. Or <${address}>.` }))
    await mailbox.erase(emailHash(other))
    expect(await mailbox.list()).toHaveLength(1)
    await mailbox.erase(emailHash(normalEmail(address) ?? ''))
    expect(await mailbox.list()).toEqual([])
  })

  it('waits for a message that is on its way', async () => {
    const server = await startServer()
    const mailbox = await open({ smtp: smtp(server) })
    await mailbox.send(message('one', { to: 'ada@example.com' }))
    const hash = emailHash('ada@example.com')
    if (!(await mailbox.erase(hash))) await until(mailbox, 'one', ({ status }) => status === 'delivered')
    expect(await mailbox.erase(hash)).toBe(true)
    expect(await mailbox.list()).toEqual([])
    expect(server.received).toHaveLength(1)
  })
})

const until = async (mailbox: Mailbox, id: string, condition: (message: StoredMessage) => boolean) => {
  while (true) {
    const found = (await mailbox.list()).find((stored) => stored.id === id)
    if (found && condition(found)) return found
    await timers.setTimeout(5)
  }
}

const untilStatus = (mailbox: Mailbox, id: string, status: StoredMessage['status']) =>
  until(mailbox, id, (stored) => stored.status === status)

const filesText = async (): Promise<string> => {
  const names = await readdir(directory)
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('\n')
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sitewright-mail-'))
  logged.length = 0
})

afterEach(async () => {
  for (const mailbox of mailboxes.splice(0)) await mailbox.close()
  for (const server of servers.splice(0)) await server.stop()
  await rm(directory, { recursive: true })
})

describe('a mailbox without SMTP', () => {
  it('lists what was sent, newest first', async () => {
    const mailbox = await open()
    await mailbox.send(message('msg_a', { code: '012345' }))
    await mailbox.send(message('msg_b'))
    expect(await mailbox.list()).toMatchObject([
      { id: 'msg_b', status: 'stored' },
      { ...message('msg_a'), code: '012345', sentAt: '2026-01-31T09:30:00.000Z', status: 'stored' },
    ])
  })

  it('lists by recipient whatever the case, and up to a limit', async () => {
    const mailbox = await open()
    for (const id of ['msg_a', 'msg_b', 'msg_c']) await mailbox.send(message(id, { to: 'Ada@example.com' }))
    await mailbox.send(message('msg_d'))
    expect((await mailbox.list({ to: 'ADA@example.com', limit: 2 })).map(({ id }) => id)).toEqual(['msg_c', 'msg_b'])
  })

  it('has the same messages, in the same order, after a restart', async () => {
    const mailbox = await open()
    for (const id of ['msg_b', 'msg_a', 'An id: of any kind/../'])
      await mailbox.send(message(id, { to: 'a@example.com' }))
    const before = await mailbox.list()
    expect(before).toHaveLength(3)
    expect(await (await open()).list()).toEqual(before)
  })

  it('takes one id for one message, sent again, at the same moment or after a restart', async () => {
    const mailbox = await open()
    await Promise.all([mailbox.send(message('msg_a')), mailbox.send(message('msg_a', { text: 'another' }))])
    await mailbox.send(message('msg_a'))
    const restarted = await open()
    await restarted.send(message('msg_a'))
    expect((await restarted.list()).map(({ text }) => text)).toEqual(['Text of msg_a'])
  })

  it('keeps the newest, on disk too', async () => {
    const mailbox = await open({ keep: 3 })
    for (const id of ['msg_a', 'msg_b', 'msg_c', 'msg_d', 'msg_e']) await mailbox.send(message(id))
    expect((await mailbox.list()).map(({ id }) => id)).toEqual(['msg_e', 'msg_d', 'msg_c'])
    expect((await readdir(directory)).toSorted()).toEqual(['msg_c.json', 'msg_d.json', 'msg_e.json'])
  })

  it('hides mail from other users of the machine', async () => {
    await (await open()).send(message('msg_a'))
    expect((await stat(join(directory, 'msg_a.json'))).mode & 0o777).toBe(0o600)
  })

  it('opens with what a crash or somebody else left in its directory', async () => {
    await (await open()).send(message('msg_a'))
    await writeFile(join(directory, 'msg_b.json.0.unfinished'), '{"id"')
    await writeFile(join(directory, 'msg_c.json'), '{"id"')
    expect((await (await open()).list()).map(({ id }) => id)).toEqual(['msg_a'])
    expect((await readdir(directory)).toSorted()).toEqual(['msg_a.json', 'msg_c.json'])
    expect(logged.join()).toContain('msg_c.json')
  })
})

describe('a mailbox with SMTP', () => {
  it('delivers a message once, however often it is sent', async () => {
    const server = await startServer()
    const mailbox = await open({ smtp: smtp(server) })
    await Promise.all([mailbox.send(message('msg_a')), mailbox.send(message('msg_a'))])
    await untilStatus(mailbox, 'msg_a', 'delivered')
    await mailbox.send(message('msg_a'))
    await mailbox.close()
    const restarted = await open({ smtp: smtp(server) })
    await restarted.send(message('msg_a'))
    await restarted.send(message('msg_b', { replyTo: 'help@schools.test' }))
    await untilStatus(restarted, 'msg_b', 'delivered')

    expect(server.received.map(({ recipients }) => recipients)).toEqual([['msg_a@example.com'], ['msg_b@example.com']])
    expect(server.received[0]?.source).toContain('From: Sitewright <no-reply@sitewright.test>')
    const answersTo = server.received.map(({ source }) => /^Reply-To: (.*)$/m.exec(source)?.[1]?.trim())
    expect(answersTo).toEqual(['hello@sitewright.test', 'help@schools.test'])
    expect(server.received[0]?.source).toContain('Text of msg_a')
    expect(server.received[0]?.source).toContain('<p>HTML of msg_a</p>')
  })

  it('keeps no code and no words of a delivered message on disk', async () => {
    const mailbox = await open({ smtp: smtp(await startServer()) })
    const secret = { code: '918273', subject: '918273 is your code', text: 'Enter 918273', links: ['http://x/918273'] }
    await mailbox.send(message('msg_a', secret))
    expect(await untilStatus(mailbox, 'msg_a', 'delivered')).toMatchObject({ subject: '… is your code', attempts: 1 })
    await mailbox.close()
    expect(await filesText()).not.toContain('918273')
    expect(await filesText()).not.toContain('HTML of msg_a')
  })

  it('delivers what it took over while the server was down', async () => {
    const first = await startServer()
    await first.stop()
    const mailbox = await open({ smtp: smtp(first) })
    await mailbox.send(message('msg_a'))
    await mailbox.send(message('msg_b'))
    await until(mailbox, 'msg_b', ({ attempts }) => attempts > 2)
    expect(first.received).toEqual([])

    const second = await startServer({ port: first.port })
    await untilStatus(mailbox, 'msg_a', 'delivered')
    await untilStatus(mailbox, 'msg_b', 'delivered')
    expect(second.received.map(({ recipients }) => recipients[0]).toSorted()).toEqual([
      'msg_a@example.com',
      'msg_b@example.com',
    ])
  })

  it('continues after a restart with what was not delivered, and with its count of attempts', async () => {
    const first = await startServer()
    await first.stop()
    const before = await open({ smtp: smtp(first) })
    await before.send(message('msg_a', { code: '123456' }))
    await until(before, 'msg_a', ({ attempts }) => attempts > 1)
    await before.close()
    const [left] = await before.list()
    expect(left).toMatchObject({
      status: 'failing',
      code: '123456',
      lastError: expect.stringContaining('ECONNREFUSED'),
    })

    const second = await startServer({ port: first.port })
    const after = await open({ smtp: smtp(second) })
    expect((await untilStatus(after, 'msg_a', 'delivered')).attempts).toBe(left!.attempts + 1)
    expect(second.received[0]?.source).toContain('Text of msg_a')
  })

  it('gives up what has expired, after a restart too, and keeps none of its words', async () => {
    const first = await startServer()
    await first.stop()
    let time = '2026-01-31T09:00:00.000Z'
    const now = () => time
    const before = await open({ smtp: smtp(first), now })
    await before.send(message('msg_a', { code: '123456', expiresAt: '2026-01-31T09:15:00.000Z' }))
    await before.send(message('msg_b', { code: '123456', expiresAt: '2026-01-31T09:15:00.001Z' }))
    await until(before, 'msg_a', ({ attempts }) => attempts > 0)
    await before.close()

    time = '2026-01-31T09:15:00.000Z'
    const second = await startServer({ port: first.port })
    const after = await open({ smtp: smtp(second), now })
    const given = await untilStatus(after, 'msg_a', 'undeliverable')
    expect(given).toMatchObject({
      text: '',
      html: '',
      links: [],
      lastError: expect.stringMatching(/^expired; .*ECONNREF/),
    })
    expect(given).not.toHaveProperty('code')
    await untilStatus(after, 'msg_b', 'delivered')
    expect(second.received.map(({ recipients }) => recipients[0])).toEqual(['msg_b@example.com'])
    expect(logged.join()).toContain('mail-expired')
    expect(logged.join()).not.toContain('123456')
  })

  it('gives up after five days what names no end', async () => {
    const server = await startServer()
    await server.stop()
    let time = '2026-01-31T09:00:00.000Z'
    const before = await open({ smtp: smtp(server), now: () => time })
    await before.send(message('msg_a'))
    await until(before, 'msg_a', ({ attempts }) => attempts > 0)
    await before.close()
    time = '2026-02-05T09:00:00.000Z'
    const after = await open({ smtp: smtp(server), now: () => time })
    expect(await untilStatus(after, 'msg_a', 'undeliverable')).toMatchObject({ text: '' })
    expect(await after.erase(emailHash('msg_a@example.com'))).toBe(true)
  })

  it('names the sender of an offer', async () => {
    const server = await startServer()
    const mailbox = await open({ smtp: smtp(server) })
    await mailbox.send(message('msg_a', { sender: 'Acme Schools' }))
    await untilStatus(mailbox, 'msg_a', 'delivered')
    expect(server.received[0]?.source).toContain('From: Acme Schools <no-reply@sitewright.test>')
  })

  it('tries again where the server says later', async () => {
    let refusals = 3
    const refuseRecipient = () => (refusals-- > 0 ? { code: 451, text: 'greylisted, try later' } : undefined)
    const mailbox = await open({ smtp: smtp(await startServer({ refuseRecipient })) })
    await mailbox.send(message('msg_a'))
    expect(await untilStatus(mailbox, 'msg_a', 'delivered')).toMatchObject({ attempts: 4 })
  })

  it('tries an old message less often', async () => {
    let now = '2026-01-31T09:30:00.000Z'
    const refuseRecipient = () => ({ code: 450, text: '4.7.1 too many messages, try later' })
    const mailbox = await open({ now: () => now, smtp: smtp(await startServer({ refuseRecipient })) })
    const pauses = () => logged.flatMap((line) => Number(/"pauseMilliseconds":(\d+)/.exec(line)?.[1] ?? []))
    await mailbox.send(message('msg_a'))
    await until(mailbox, 'msg_a', ({ attempts }) => attempts > 6)
    expect(Math.max(...pauses())).toBe(8)
    now = '2026-01-31T11:30:00.000Z'
    await until(mailbox, 'msg_a', ({ attempts }) => attempts > 8)
    expect(Math.max(...pauses())).toBeGreaterThan(8)
  })

  it.each(['no such user', '5.1.1 <ada@relay.example.com>: no such user', 'relay1.example.net: no such user'])(
    'does not try again where the server refuses the recipient or the content permanently: %s',
    async (text) => {
      const server = await startServer({
        refuseRecipient: (address) => (address.startsWith('msg_a') ? { code: 550, text } : undefined),
        refuseMessage: (source) => (source.includes('Text of msg_b') ? { code: 554, text: 'spam' } : undefined),
      })
      const mailbox = await open({ smtp: smtp(server) })
      for (const id of ['msg_a', 'msg_b', 'msg_c']) await mailbox.send(message(id))
      const undeliverable = { status: 'undeliverable', attempts: 1, text: '' }
      await untilStatus(mailbox, 'msg_c', 'delivered')
      expect(await untilStatus(mailbox, 'msg_a', 'undeliverable')).toMatchObject({
        ...undeliverable,
        lastError: expect.stringMatching(/RCPT TO 550 .*no such user/),
      })
      expect(await untilStatus(mailbox, 'msg_b', 'undeliverable')).toMatchObject(undeliverable)
      const reason = expect.stringMatching(/RCPT TO 550 .*no such user/)
      expect(await mailbox.find('msg_a')).toMatchObject({ status: 'undeliverable', reason })
      expect(await mailbox.find('msg_c')).not.toHaveProperty('reason')
      expect(server.received).toHaveLength(1)
    },
  )

  it.each([
    { code: 550, text: '5.7.1 Relaying denied' },
    { code: 554, text: '5.7.1 <ada@example.com>: Relay access denied' },
    { code: 550, text: '5.7.54 SMTP; Unable to relay recipient in non-accepted domain' },
    { code: 550, text: 'relay not permitted' },
  ])('waits for an operator where the server relays nothing for us: $text', async (refusal) => {
    let isWrong = true
    const refuseRecipient = () => (isWrong ? refusal : undefined)
    const mailbox = await open({ smtp: smtp(await startServer({ refuseRecipient })) })
    await mailbox.send(message('msg_a'))
    expect(await until(mailbox, 'msg_a', ({ attempts }) => attempts > 1)).toMatchObject({ status: 'failing' })
    isWrong = false
    await untilStatus(mailbox, 'msg_a', 'delivered')
  })

  it('does not let messages that fail hold up the others', async () => {
    const refuseRecipient = (address: string) =>
      address.startsWith('poison') ? { code: 451, text: 'never mind' } : undefined
    const mailbox = await open({
      smtp: smtp(await startServer({ refuseRecipient })),
      pace: { firstPauseMilliseconds: 60_000, longestPauseMilliseconds: 60_000 },
    })
    const poison = ['poison_1', 'poison_2', 'poison_3', 'poison_4', 'poison_5']
    for (const id of poison) await mailbox.send(message(id))
    await mailbox.send(message('msg_a'))
    expect(await untilStatus(mailbox, 'msg_a', 'delivered')).toMatchObject({ attempts: 1 })
    for (const id of poison) expect(await untilStatus(mailbox, id, 'failing')).toMatchObject({ attempts: 1 })
  })

  it('waits where the login is refused, and shows the password nowhere', async () => {
    const server = await startServer({ password: 'right-password' })
    const url = `smtp://user:wrong-password@127.0.0.1:${server.port}`
    const mailbox = await open({ smtp: { ...smtp(server), url } })
    await mailbox.send(message('msg_a'))
    expect(await until(mailbox, 'msg_a', ({ attempts }) => attempts > 1)).toMatchObject({
      status: 'failing',
      lastError: expect.stringContaining('EAUTH'),
    })
    await mailbox.close()
    for (const text of [await filesText(), logged.join('\n')]) expect(text).not.toContain('wrong-password')

    const rightUrl = `smtp://user:right-password@127.0.0.1:${server.port}`
    const restarted = await open({ smtp: { ...smtp(server), url: rightUrl } })
    await untilStatus(restarted, 'msg_a', 'delivered')
  })

  it('logs neither the address nor the code, even if the server repeats them', async () => {
    const refuseRecipient = (address: string) => ({ code: 550, text: `${address} may not have 918273` })
    const mailbox = await open({ smtp: smtp(await startServer({ refuseRecipient })) })
    await mailbox.send(message('msg_a', { to: 'ada@example.com', code: '918273' }))
    await untilStatus(mailbox, 'msg_a', 'undeliverable')
    expect(logged.join('\n')).toContain('may not have')
    expect(logged.join('\n')).not.toMatch(/ada@|918273/)
  })

  it('refuses a URL that is none of SMTP, without showing it', async () => {
    const opened = open({ smtp: smtp({ url: 'https://user:password@example.com' }) })
    await expect(opened).rejects.toThrow(/^SMTP_URL has to be a URL such as/)
  })
})

describe('a host that is killed', () => {
  const hostScript = (extra: string) => {
    const module = JSON.stringify(new URL('../../../adapters/mailbox/mailbox.ts', import.meta.url).href)
    return `const { openMailbox } = await import(${module})
      const [directory, url] = process.argv.slice(1)
      const log = { info() {}, warn() {}, error() {} }
      const now = () => '2026-01-31T09:30:00.000Z'
      const pace = { firstPauseMilliseconds: 1, longestPauseMilliseconds: 8 }
      const mailbox = await openMailbox({ directory, now, log, pace, smtp: { url, from: 'a@sitewright.test', replyTo: 'a@sitewright.test' } })
      await mailbox.send(${JSON.stringify(message('msg_a'))})
      ${extra}`
  }
  const startHost = (url: string, extra = '') =>
    spawn(process.execPath, ['--input-type=module', '-e', hostScript(extra), directory, url], { stdio: 'inherit' })

  it('between taking a message over and delivering it, has it delivered by the next one', async () => {
    const server = await startServer()
    await server.stop()
    const host = startHost(server.url, "process.kill(process.pid, 'SIGKILL')")
    expect(await once(host, 'exit')).toEqual([null, 'SIGKILL'])

    const again = await startServer({ port: server.port })
    await untilStatus(await open({ smtp: smtp(again) }), 'msg_a', 'delivered')
    expect(again.received).toHaveLength(1)
  })

  it('between the acceptance and its own note of it, sends a second copy that can be told for one', async () => {
    const accepted = Promise.withResolvers<void>()
    const killed = Promise.withResolvers<void>()
    const beforeReply = async () => {
      accepted.resolve()
      await killed.promise
    }
    const server = await startServer({ beforeReply })
    const host = startHost(server.url)
    await accepted.promise
    host.kill('SIGKILL')
    await once(host, 'exit')
    killed.resolve()

    await untilStatus(await open({ smtp: { ...smtp(server), from: 'a@sitewright.test' } }), 'msg_a', 'delivered')
    const ids = server.received.map(({ source }) => /^Message-ID: (.*)$/im.exec(source)?.[1])
    expect(ids).toHaveLength(2)
    expect(ids[0]).toMatch(/^<[0-9a-f]{40}@sitewright\.test>$/)
    expect(ids[1]).toBe(ids[0])
  })
})
