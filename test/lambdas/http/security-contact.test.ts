import { expect, test } from 'vitest'
import config from '../../../sitewright.config.ts'
import { openApiStage } from '../api-stage.ts'

test('names the address for reports of vulnerabilities, as RFC 9116 demands', async () => {
  await using stage = await openApiStage()
  const answer = await stage.send({ path: '/.well-known/security.txt' })
  expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' } })
  const fields = answer.text.trimEnd().split('\n')
  expect(fields[0]).toBe(`Contact: mailto:${config.contact}`)
  const expires = Date.parse(fields.find((field) => field.startsWith('Expires: '))?.slice('Expires: '.length) ?? '')
  expect(expires).toBe(Date.parse(stage.now()) + 30 * 86_400_000)
  expect(fields).toContain('Canonical: http://localhost:4000/.well-known/security.txt')
})
