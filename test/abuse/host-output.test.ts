import { afterEach, beforeEach, expect, it } from 'vitest'
import { type MailServer, startMailServer } from '../adapters/mailbox/mail-server.ts'
import { call } from '../e2e/call.ts'
import { createSite, mailTo, startSignup, verify, wrongCode } from '../e2e/visitor.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

let mailServer: MailServer
let host: StartedHost

beforeEach(async () => {
  mailServer = await startMailServer({
    // As servers do, they repeat what they do not like, in a spelling of their own.
    refuseRecipient: (address) =>
      address.startsWith('refused')
        ? { code: 550, text: `5.1.1 <${address.toUpperCase()}>: no such user` }
        : address.startsWith('postponed')
          ? { code: 451, text: `4.7.1 <${address}> come again` }
          : undefined,
  })
  host = await startHost({
    env: {
      SITEWRIGHT_POOL_SIZE: '0',
      SITEWRIGHT_LOG: 'debug',
      SMTP_URL: mailServer.url,
      MAIL_FROM: 'no-reply@example.com',
    },
  })
})
afterEach(async () => {
  await host?.stop()
  await mailServer?.stop()
})

/** The code that a message brought, from the mail server's side. */
const codeAtServer = (email: string): Promise<string> =>
  waitFor(async () => {
    const mail = mailServer.received.find(({ recipients }) => recipients.includes(email))
    return mail === undefined ? undefined : /^([B-Z]{4}-[B-Z]{4})\r?$/m.exec(mail.source)?.[1]
  })

it('whatever a host prints holds no code, token, name or address of a person, through good days and bad', async () => {
  const email = 'discreet@example.com'
  const { id } = (await startSignup(host, email, { name: 'Ada Discreet', company: 'Secrecy Ltd' })).json
  const code = await codeAtServer(email)
  await verify(host, id, wrongCode(code))
  await verify(host, id, `${code}x`)
  const { token } = (await verify(host, id, code)).json.session
  await verify(host, id, code)
  const bearer = { authorization: `Bearer ${token}` }
  const made = await createSite(host, { bearer }, { slug: 'discreet-site', name: 'Discreet' })
  expect(made.status).toBe(202)
  await createSite(host, { bearer }, { slug: 'www' })
  for (const authorization of [`Bearer ${token}x`, `Basic ${token}`, token]) {
    await call(host, { path: '/v1/sites', headers: { authorization } })
  }
  await call(host, { path: `/v1/sites?cursor=${token}`, headers: bearer })
  await call(host, { path: `/v1/signups/${email}/verification?code=${code}`, method: 'POST', body: { code } })
  await call(host, {
    path: '/v1/signups',
    method: 'POST',
    body: `{"email":"${email}","code":"${code}`,
    headers: { 'content-type': 'application/json' },
  })
  await call(host, { path: `/${email}/${token}`, at: `${token.toLowerCase().replaceAll('_', '-')}.localhost` })
  // However often: a new window may begin meanwhile.
  await waitFor(async () => (await startSignup(host, email)).status === 429)
  for (const bad of ['refused@example.com', 'postponed@example.com']) {
    await startSignup(host, bad)
    await waitFor(async () => (await mailTo(host, bad))[0] !== undefined && host.output().includes('mail'))
  }
  await waitFor(async () => host.output().includes('mail-refused') && host.output().includes('mail-delayed'))
  await call(host, { path: '/v1/session', method: 'DELETE', headers: bearer })
  const output = host.output()
  // All of it: what is kept of a host's output has an end.
  expect(output.length).toBeLessThan(20_000)
  expect(output).toContain('RateLimited')
  for (const secret of [code, wrongCode(code), token]) expect(output).not.toContain(secret)
  expect(output).not.toMatch(/discreet@|refused@|postponed@|Ada Discreet|Secrecy/i)
})
