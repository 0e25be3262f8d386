import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { findFreePort } from '../../local/engine/engine-place.ts'
import { startMailServer } from '../adapters/mailbox/mail-server.ts'
import { call } from '../e2e/call.ts'
import { mailTo, signIn, startSignup, verify } from '../e2e/visitor.ts'
import { startHost } from '../support/start-host.ts'
import { waitFor } from '../support/wait-for.ts'

/** Takes connections and never says a word. */
const startSilentServer = async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' ? (address?.port ?? 0) : 0,
    connections: () => sockets.size,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
    },
  }
}

const env = (port: number) => ({
  SITEWRIGHT_POOL_SIZE: '0',
  SITEWRIGHT_LOG: 'warn',
  SMTP_URL: `smtp://127.0.0.1:${port}`,
  MAIL_FROM: 'sitewright@example.com',
})

test('a mail server that is down holds up no sign-up; what it could not take is shown, and delivered when it is back', async () => {
  const port = await findFreePort()
  await using host = await startHost({ env: env(port) })
  const { id } = (await startSignup(host, 'ada@example.com')).json
  const failing = await waitFor(async () => {
    const [mail] = await mailTo(host, 'ada@example.com')
    return mail !== undefined && 'lastError' in mail && mail
  })
  expect(failing).toMatchObject({
    status: 'failing',
    lastError: expect.stringMatching(/^the mail server cannot be reached: connect ECONNREFUSED/),
  })
  const page = await call(host, { path: '/_local/mail', headers: { accept: 'text/html' } })
  expect(page.text).toMatch(/to ada@example\.com .* failing: /)
  expect(host.output()).toContain('mail-delayed')
  expect(host.output()).not.toContain('ada@example.com')

  const server = await startMailServer({ port })
  try {
    await waitFor(async () => server.received.length > 0)
    expect(server.received.map(({ recipients }) => recipients)).toEqual([['ada@example.com']])
    expect((await verify(host, id, failing.code ?? '')).status).toBe(200)
    await waitFor(async () =>
      (await mailTo(host, 'ada@example.com')).every((mail) => 'status' in mail && mail.status === 'delivered'),
    )
  } finally {
    await server.stop()
  }
})

test('a mail server that hangs holds up no sign-up', async () => {
  await using server = await startSilentServer()
  await using host = await startHost({ env: env(server.port) })
  for (let person = 0; person < 6; person += 1) await signIn(host, `person-${person}@example.com`)
  await waitFor(async () => server.connections() >= 4)
})
