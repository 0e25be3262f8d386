import { createServer } from 'node:http'
import { afterEach, expect, it, vi } from 'vitest'
import * as z from 'zod'
import { operatorToken } from '../../../bin/command-line/operator-token.ts'
import { operatorsCall, Refused } from '../../../bin/command-line/operators-call.ts'
import { listening } from '../../support/listening.ts'

afterEach(() => vi.unstubAllEnvs())

it.each([
  [401, true],
  [409, true],
  [429, true],
  [500, false],
  [503, false],
])('an answer of %i refuses: %s', async (status, isRefused) => {
  await using server = createServer((_, response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json' })
    response.end(JSON.stringify({ title: 'A problem', detail: 'The reason.' }))
  })
  const port = await listening(server)
  const call = operatorsCall(`http://127.0.0.1:${port}`, 'a-token')
  const error = await call('sites/x', z.unknown()).catch((thrown: unknown) => thrown)
  const more = status === 401 ? '\nGet another token and repeat the command. Operations that have begun continue.' : ''
  expect(error).toMatchObject({ message: `The reason.${more}`, ...(isRefused && { status }) })
  expect(error instanceof Refused).toBe(isRefused)
})

it.each(['', '/'])('an address that ends with %j is called at the same paths', async (end) => {
  vi.stubEnv('SITEWRIGHT_OPERATOR_TOKEN', '')
  const paths: (string | undefined)[] = []
  await using server = createServer(({ url }, response) => {
    paths.push(url)
    response.writeHead(201).end(JSON.stringify({ token: 'issued' }))
  })
  const url = `http://127.0.0.1:${await listening(server)}${end}`
  await operatorsCall(url, await operatorToken(url))('sites/x', z.unknown())
  expect(paths).toEqual(['/_local/operators', '/v1/operator/sites/x'])
})

it.each([
  ['https://sites.example.com', true],
  ['http://localhost:4000', true],
  ['http://sites.example.com', false],
  ['http://localhost.example.com', false],
  ['sites.example.com', false],
])('a token for %s is given: %s', async (url, isGiven) => {
  vi.stubEnv('SITEWRIGHT_OPERATOR_TOKEN', 'a-token')
  const asked = operatorToken(url)
  if (isGiven) expect(await asked).toBe('a-token')
  else await expect(asked).rejects.toThrow('--url must begin with https://; only this machine may have http://')
})
