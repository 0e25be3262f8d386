import { expect, it } from 'vitest'
import { openApiStage } from '../api-stage.ts'

it('logs no code, address or token of a sign-up', async () => {
  await using stage = await openApiStage()
  const email = 'discreet@example.com'
  const signup = await stage.send({
    method: 'POST',
    path: '/v1/signups',
    body: { email, name: 'Ada Discreet', company: 'Secrecy Ltd' },
  })
  const code = stage.codeFor(email)
  const path = `/v1/signups/${signup.json['id']}/verification`
  const wrongCode = code === '777777' ? '777778' : '777777'
  await stage.send({ method: 'POST', path, body: { code: wrongCode } })
  await stage.send({ method: 'POST', path, headers: { 'content-type': 'application/json' }, body: `{"code":"${code}` })
  await stage.send({ method: 'POST', path, body: { code, email } })
  const verified = await stage.send({ method: 'POST', path, body: { code } })
  const { token } = verified.json['session'] as { token: string }
  const headers = { authorization: `Bearer ${token}` }
  const cookies = [`sitewright_session=${token}`]
  await stage.send({ path: '/v1/sites', headers })
  await stage.send({ path: '/v1/sites', headers: { authorization: `Bearer ${token}x` } })
  await stage.send({ method: 'POST', path: '/v1/sites', cookies, body: { slug: 'www' } })
  await stage.send({ method: 'DELETE', path: '/v1/session', headers })
  await stage.send({ path: '/v1/sites', headers })
  await stage.send({ method: 'POST', path: '/v1/signups', body: { email: `${email}x y`, code, token } })

  const log = stage.logLines.join('\n')
  expect(stage.logLines.length).toBeGreaterThan(5)
  for (const secret of [code, wrongCode, token, email, 'discreet', 'Discreet', 'Secrecy'])
    expect(log).not.toContain(secret)
})

it('logs no code, address or token of a fault, and hides its details', async () => {
  await using stage = await openApiStage(() => ({
    mailer: {
      send: async () => {
        throw new Error('the relay says: 451 come again')
      },
    },
  }))
  const email = 'discreet@example.com'
  const answer = await stage.send({ method: 'POST', path: '/v1/signups', body: { email }, requestId: 'req_fault' })
  expect(answer.status).toBe(500)
  expect(answer.json).toEqual({
    type: 'about:blank',
    title: 'Something went wrong',
    status: 500,
    requestId: 'req_fault',
  })
  const log = stage.logLines.join('\n')
  expect(log).toContain('req_fault')
  expect(log).toContain('451 come again')
  expect(log).not.toContain('discreet')
})
