import { expect, it } from 'vitest'
import { abusePolicyOfHost } from '../../local/capabilities.ts'
import config from '../../sitewright.config.ts'

it.each([
  [false, false, false],
  [true, false, true],
  [false, true, true],
  [true, true, true],
])('with a public host: %s and the configuration saying %s, this machine is limited: %s', (isPublic, said, limited) => {
  const policy = abusePolicyOfHost({ ...config.abuse, limitLoopback: said }, { isPublic })
  expect(policy).toEqual({ ...config.abuse, limitLoopback: limited })
})

it('the configuration that ships leaves one’s own machine alone', () => {
  expect(abusePolicyOfHost(config.abuse, { isPublic: false }).limitLoopback).toBe(false)
})
