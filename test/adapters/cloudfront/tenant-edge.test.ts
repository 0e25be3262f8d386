import { CloudFrontClient } from '@aws-sdk/client-cloudfront'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDistributionTenants, createTenantEdge } from '../../../adapters/cloudfront/tenant-edge.ts'
import { playCloudFront } from './played-cloudfront.ts'

const hostname = 'www.example.com'
const unavailable = { kind: 'Unavailable' }

let cloudFront: Awaited<ReturnType<typeof playCloudFront>>
let logged: string[]

beforeEach(async () => {
  cloudFront = await playCloudFront()
  logged = []
})
afterEach(() => cloudFront.close())

/** @param maxAttempts how often the client asks. */
const edge = ({ endpoint = cloudFront.endpoint, maxAttempts = 1 } = {}) => {
  const note = ({ event }: { event?: string }) => logged.push(event ?? '')
  return createTenantEdge({
    tenants: createDistributionTenants({
      client: new CloudFrontClient({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: 'a-session' },
        maxAttempts,
      }),
    }),
    distributionId: 'E1',
    connectionGroupId: 'cg_1',
    installation: 'sitewright-test',
    tags: { 'sitewright:installation': 'sitewright-test' },
    log: { info: note, warn: note, error: note },
  })
}
const only = () => {
  expect(cloudFront.tenants.size).toBe(1)
  return [...cloudFront.tenants.values()][0]!
}
const issue = () => {
  only().managed!.status = 'issued'
}

describe('a domain behind CloudFront', () => {
  it('gets a tenant, waits for its certificate, puts it to use, and is served', async () => {
    const { serve } = edge()
    expect(await serve(hostname)).toBe('waits')
    expect(only()).toMatchObject({ domain: hostname, name: expect.stringMatching(/^sitewright-test-[0-9a-f]{32}$/) })
    expect(await serve(hostname)).toBe('waits')
    expect(only().certificateArn).toBeUndefined()
    issue()
    expect(await serve(hostname)).toBe('waits')
    expect(only().certificateArn).toBe(only().managed!.arn)
    expect(await serve(hostname)).toBe('served')
    expect(await serve(hostname)).toBe('served')
  })

  it('is listed with all others, and until it is removed', async () => {
    const { serve, withdraw, list } = edge()
    expect(await list()).toEqual([])
    for (const served of [hostname, 'shop.example.org', 'www.example.net']) await serve(served)
    expect(await list()).toEqual([hostname, 'shop.example.org', 'www.example.net'])
    await withdraw('shop.example.org')
    expect(await list()).toEqual([hostname, 'www.example.net'])
  })

  it('says what it is, in which distribution, whose way and whose installation', async () => {
    await edge().serve(hostname)
    const { body, headers } = cloudFront.requests.find(({ method }) => method === 'POST')!
    for (const part of [
      '<CreateDistributionTenantRequest xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">',
      '<DistributionId>E1</DistributionId>',
      '<ConnectionGroupId>cg_1</ConnectionGroupId>',
      '<Domains><member><Domain>www.example.com</Domain></member></Domains>',
      '<Tag><Key>sitewright:installation</Key><Value>sitewright-test</Value></Tag>',
      '<Enabled>true</Enabled>',
    ]) {
      expect(body).toContain(part)
    }
    expect(headers['authorization']).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/us-east-1\/cloudfront\/aws4_request, /,
    )
    expect(headers['x-amz-security-token']).toBe('a-session')
  })

  it.each(['failed', 'validation-timed-out', 'expired'])(
    'asks for another certificate after one that is %s, once it may',
    async (status) => {
      const { serve } = edge()
      await serve(hostname)
      const first = only().managed!
      first.status = status
      expect(await serve(hostname)).toBe('refused')
      expect(logged).toEqual(['domain-certificate-failed'])
      expect(only().managed!.arn).toBe(first.arn)
      expect(await serve(hostname, { retries: true })).toBe('waits')
      expect(only().managed!.arn).not.toBe(first.arn)
      delete only().managed
      await serve(hostname)
      expect(only().managed).toBeDefined()
    },
  )

  it('waits where CloudFront does not see yet that the domain leads there', async () => {
    const message = 'To add an alternate domain name, CloudFront must verify domain name ownership.'
    cloudFront.fail(
      { status: 404, code: 'EntityNotFound', message: '' },
      { status: 400, code: 'InvalidArgument', message },
    )
    expect(await edge().serve(hostname)).toBe('waits')
    expect(logged).toEqual([])
  })

  it('waits, and says so, where another distribution has the domain', async () => {
    cloudFront.fail(
      { status: 404, code: 'EntityNotFound', message: '' },
      { status: 409, code: 'CNAMEAlreadyExists', message: '' },
    )
    expect(await edge().serve(hostname)).toBe('waits')
    expect(logged).toEqual(['domain-elsewhere'])
  })

  it('continues with a tenant whose creation lost its reply', async () => {
    const { serve } = edge({ maxAttempts: 2 })
    cloudFront.loseAnswerTo('POST')
    expect(await serve(hostname)).toBe('waits')
    expect(cloudFront.requests.filter(({ method }) => method === 'POST')).toHaveLength(2)
    only()
  })

  it('is brought on by the next try where a change lost its answer', async () => {
    const { serve } = edge({ maxAttempts: 2 })
    await serve(hostname)
    issue()
    cloudFront.loseAnswerTo('PUT')
    await expect(serve(hostname)).rejects.toMatchObject(unavailable)
    expect(await serve(hostname)).toBe('served')
  })

  it('is withdrawn by being disabled first, and once', async () => {
    const { serve, withdraw } = edge()
    await serve(hostname)
    await withdraw(hostname)
    expect(cloudFront.tenants.size).toBe(0)
    await withdraw(hostname)
    await withdraw('www.other.example.com')
  })

  it('is withdrawn by the next try where one ended in the middle', async () => {
    const { serve, withdraw } = edge()
    await serve(hostname)
    only().isEnabled = false
    await withdraw(hostname)
    expect(cloudFront.tenants.size).toBe(0)
  })

  it('is left disabled for the next try while CloudFront is still disabling it', async () => {
    const { serve, withdraw, list } = edge()
    await serve(hostname)
    const lift = cloudFront.failAll('DELETE', { status: 409, code: 'ResourceNotDisabled', message: '' })
    await withdraw(hostname)
    expect(only().isEnabled).toBe(false)
    expect(await list()).toEqual([hostname])
    lift()
    await withdraw(hostname)
    expect(cloudFront.tenants.size).toBe(0)
  })

  it('is served again where withdrawing ended in the middle and somebody adds it again', async () => {
    const { serve, withdraw } = edge()
    await serve(hostname)
    issue()
    await serve(hostname)
    expect(await serve(hostname)).toBe('served')
    cloudFront.failAll('DELETE', { status: 503, code: 'ServiceUnavailable', message: '' })
    await expect(withdraw(hostname)).rejects.toMatchObject(unavailable)
    expect(only().isEnabled).toBe(false)
    expect(await serve(hostname)).toBe('waits')
    expect(only().isEnabled).toBe(true)
    expect(await serve(hostname)).toBe('served')
  })

  it('is switched on again before its certificate is seen to', async () => {
    const { serve } = edge()
    await serve(hostname)
    only().isEnabled = false
    issue()
    expect(await serve(hostname)).toBe('waits')
    expect(only()).toMatchObject({ isEnabled: true })
    expect(only().certificateArn).toBeUndefined()
    await serve(hostname)
    expect(await serve(hostname)).toBe('served')
  })

  it('is withdrawn where that lost its answer', async () => {
    const { serve, withdraw } = edge({ maxAttempts: 2 })
    await serve(hostname)
    cloudFront.loseAnswerTo('DELETE')
    await withdraw(hostname)
    expect(cloudFront.requests.filter(({ method }) => method === 'DELETE')).toHaveLength(2)
    expect(cloudFront.tenants.size).toBe(0)
  })

  it('is not withdrawn on a version that has changed', async () => {
    const { serve, withdraw } = edge()
    await serve(hostname)
    const tenant = only()
    tenant.isEnabled = false
    const { version } = tenant
    Object.defineProperty(tenant, 'version', { get: () => version + cloudFront.requests.length })
    await expect(withdraw(hostname)).rejects.toMatchObject(unavailable)
    expect(cloudFront.tenants.size).toBe(1)
  })

  it.each([
    [403, 'AccessDenied'],
    [400, 'InvalidArgument'],
    [429, 'Throttling'],
    [503, 'ServiceUnavailable'],
  ])('is left to the next try where CloudFront answers %i %s', async (status, code) => {
    const wrong = { status, code, message: 'No.' }
    cloudFront.fail(wrong)
    await expect(edge().serve(hostname)).rejects.toMatchObject(unavailable)
    cloudFront.fail({ status: 404, code: 'EntityNotFound', message: '' }, wrong)
    await expect(edge().serve(hostname)).rejects.toMatchObject(unavailable)
    expect(cloudFront.tenants.size).toBe(0)
  })

  it('waits out a moment of too many calls', async () => {
    cloudFront.fail({ status: 503, code: 'ServiceUnavailable', message: 'Not now.' })
    expect(await edge({ maxAttempts: 2 }).serve(hostname)).toBe('waits')
    only()
  })

  it('is left to the next try where nobody answers', async () => {
    await expect(edge({ endpoint: 'http://127.0.0.1:1' }).serve(hostname)).rejects.toMatchObject(unavailable)
  })
})
