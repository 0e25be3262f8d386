import { request } from 'node:http'
import { getDefaultAutoSelectFamilyAttemptTimeout } from 'node:net'
import { expect, it } from 'vitest'
import { type Ask, postOnce } from '../../../adapters/http/post-once.ts'

it('gives a far server with several addresses more time to connect than Node does', async () => {
  const asked: object[] = []
  const ask: Ask = (options, answered) => {
    asked.push(options)
    return request({ ...options, port: 1, hostname: '127.0.0.1' }, answered)
  }
  expect(await postOnce(ask, { body: '', timeoutMilliseconds: 5000 })).toEqual({ failure: 'refused' })
  expect(getDefaultAutoSelectFamilyAttemptTimeout()).toBeLessThan(2000)
  expect(asked).toMatchObject([{ autoSelectFamilyAttemptTimeout: 2000 }])
})
