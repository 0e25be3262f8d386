import { readdirSync, readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { browserHeaders } from '../../lambdas/_runtime/browser-headers.ts'
import { pollHeader } from '../../lambdas/_runtime/own-headers.ts'
import { functions, httpTriggersOf } from '../../lambdas/manifest.ts'
import { createOffers, offersAt } from '../../lambdas/offers/offers.ts'
import { createStaticFiles } from '../../local/gateway/static-files.ts'
import config from '../../sitewright.config.ts'
import { buildPages } from '../../web/build/build-pages.ts'
import { pageSettings } from '../../web/build/page-settings.ts'
import { resourcesOf } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'
import { testConfig, widerConfig } from './support/test-config.ts'

const all = await synthesise()
const names = all.names
const template = all.template('front')

const only = (type: string) => {
  const found = resourcesOf(template, type)
  expect(found).toHaveLength(1)
  return found[0]!.Properties
}

const distribution = () => only('AWS::CloudFront::Distribution').DistributionConfig
const apiBehaviour = () => distribution().CacheBehaviors[0]
const origin = (id: string) => distribution().Origins.find(({ Id }: { Id: string }) => Id === id)

/** What the host of one machine sends with the console's page. */
const headersOfOneMachine = async (): Promise<Record<string, string>> => {
  const settings = pageSettings({ config, sitesDomain: 'localhost', blueprints: [] })
  const serve = await createStaticFiles(await buildPages(settings))
  let sent: Record<string, string> = {}
  const response = {
    writeHead: (_status: number, headers: Record<string, string>) => {
      sent = headers
    },
    end: () => undefined,
  }
  serve({ method: 'GET', headers: {} } as IncomingMessage, response as unknown as ServerResponse, '/')
  return sent
}

describe('the way to the API', () => {
  it('shows the secret, which is in no template', () => {
    const [api, securityContact, ...others] = distribution().CacheBehaviors
    expect([api.PathPattern, securityContact.PathPattern]).toEqual(['/v1/*', '/.well-known/security.txt'])
    expect({ ...securityContact, PathPattern: '/v1/*' }).toEqual(api)
    expect(others).toEqual([])
    const { DomainName, OriginCustomHeaders, CustomOriginConfig } = origin(apiBehaviour().TargetOriginId)
    expect(DomainName).toBe('origin.try.example.com')
    expect(OriginCustomHeaders).toEqual([
      {
        HeaderName: 'x-sitewright-origin',
        HeaderValue: `{{resolve:secretsmanager:${names.secret('origin')}:SecretString:::}}`,
      },
    ])
    expect(CustomOriginConfig).toMatchObject({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] })
  })

  it('takes the visitor’s address along, and every header that an operation asks for', () => {
    const { HeadersConfig } = only('AWS::CloudFront::OriginRequestPolicy').OriginRequestPolicyConfig
    const asked = functions
      .flatMap(httpTriggersOf)
      .flatMap(({ operations }) => operations)
      .flatMap(({ headers }) => Object.keys(headers.shape))
    expect(asked).toContain('idempotency-key')
    expect(HeadersConfig.HeaderBehavior).toBe('whitelist')
    const keyed = only('AWS::CloudFront::CachePolicy').CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin
    expect([...HeadersConfig.Headers, ...keyed.HeadersConfig.Headers]).toEqual(
      expect.arrayContaining(['CloudFront-Viewer-Address', 'Origin', 'User-Agent', ...asked]),
    )
    expect(HeadersConfig.Headers.length).toBeLessThanOrEqual(10)
  })

  it('passes on every header that the runtime of the API reads', () => {
    const { HeadersConfig } = only('AWS::CloudFront::OriginRequestPolicy').OriginRequestPolicyConfig
    const forwarded = HeadersConfig.Headers.map((name: string) => name.toLowerCase())
    const folder = new URL('../../lambdas/_runtime/', import.meta.url)
    const text = readdirSync(folder)
      .map((file) => readFileSync(new URL(file, folder), 'utf8'))
      .join('\n')
      .replaceAll('[pollHeader]', `['${pollHeader}']`)
    const byName = [...text.matchAll(/headers\['([\w-]+)'\]/g)].map(([, name]) => name!)
    const byFields = [...text.matchAll(/\{([^{}]*)\} = headers\b/g)].flatMap(([, fields]) =>
      fields!.split(',').map((field) => field.split(':')[0]!.replaceAll("'", '').trim()),
    )
    const read = new Set([...byName, ...byFields])
    expect([...read]).toEqual(expect.arrayContaining(['origin', 'sec-fetch-site', 'sitewright-poll', 'user-agent']))
    // The cache policy has the first. CloudFront answers without the second, so that an answer is always whole.
    const others = ['authorization', 'if-none-match']
    expect([...read].filter((name) => !others.includes(name) && !forwarded.includes(name))).toEqual([])
  })

  it('keeps no answer, and would give none to anybody but who asked', () => {
    const config = only('AWS::CloudFront::CachePolicy').CachePolicyConfig
    expect(config).toMatchObject({ MinTTL: 0, DefaultTTL: 0, MaxTTL: 1 })
    expect(config.ParametersInCacheKeyAndForwardedToOrigin).toMatchObject({
      CookiesConfig: { CookieBehavior: 'all' },
      HeadersConfig: { HeaderBehavior: 'whitelist', Headers: ['Authorization', 'sitewright-account', 'referer'] },
      QueryStringsConfig: { QueryStringBehavior: 'all' },
    })
    for (const { ErrorCachingMinTTL } of distribution().CustomErrorResponses) expect(ErrorCachingMinTTL).toBe(0)
  })
})

describe('the console', () => {
  it('is reached by TLS alone, under its own name', () => {
    expect(distribution()).toMatchObject({
      Aliases: ['try.example.com'],
      HttpVersion: 'http2and3',
      ViewerCertificate: { MinimumProtocolVersion: 'TLSv1.2_2021' },
    })
    for (const { ViewerProtocolPolicy } of [distribution().DefaultCacheBehavior, apiBehaviour()]) {
      expect(ViewerProtocolPolicy).toBe('redirect-to-https')
    }
    const records = resourcesOf(template, 'AWS::Route53::RecordSet').map(({ Properties }) => Properties)
    expect(records.map(({ Name, Type }) => `${Name} ${Type}`).toSorted()).toEqual([
      'try.example.com. A',
      'try.example.com. AAAA',
    ])
  })

  it('is behind the firewall', () => {
    const [acl] = resourcesOf(template, 'AWS::WAFv2::WebACL')
    expect(distribution().WebACLId).toEqual({ 'Fn::GetAtt': [acl?.id, 'Arn'] })
    expect(acl?.Properties.Scope).toBe('CLOUDFRONT')
    expect(acl?.Properties.Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'RateByAddress',
      'AWSManagedRulesAmazonIpReputationList',
      'AWSManagedRulesCommonRuleSet',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'WebhooksByAddress',
    ])
    const [visitors, webhooks] = ['RateByAddress', 'WebhooksByAddress'].map(
      (name) => acl?.Properties.Rules.find(({ Name }: { Name: string }) => Name === name).Statement.RateBasedStatement,
    )
    const isWebhook = { ByteMatchStatement: expect.objectContaining({ SearchString: '/v1/webhooks/' }) }
    expect(visitors.ScopeDownStatement).toEqual({ NotStatement: { Statement: isWebhook } })
    expect(webhooks.ScopeDownStatement).toEqual(isWebhook)
    expect(webhooks.Limit).toBeGreaterThan(5 * visitors.Limit)
  })

  it('lets the API judge bodies itself: the firewall only counts what its rules say of them', () => {
    const [acl] = resourcesOf(template, 'AWS::WAFv2::WebACL')
    const groups: readonly {
      readonly Name: string
      readonly OverrideAction: object
      readonly Statement: { readonly ManagedRuleGroupStatement: { readonly RuleActionOverrides?: object[] } }
    }[] = acl?.Properties.Rules.filter(({ Name }: { Name: string }) => Name.startsWith('AWSManagedRules'))
    const counted = [
      'SizeRestrictions_BODY',
      'GenericRFI_BODY',
      'GenericLFI_BODY',
      'EC2MetaDataSSRF_BODY',
      'CrossSiteScripting_BODY',
    ]
    const own = counted.map((name) => ({ Name: name, ActionToUse: { Count: {} } }))
    for (const { Name, OverrideAction, Statement } of groups) {
      expect(OverrideAction).toEqual({ None: {} })
      const overrides = Statement.ManagedRuleGroupStatement.RuleActionOverrides
      expect([Name, overrides]).toEqual([Name, Name === 'AWSManagedRulesCommonRuleSet' ? own : undefined])
    }
    expect(groups).toHaveLength(3)
  })

  it('has pages in a bucket that CloudFront alone reads', () => {
    const { S3OriginConfig, OriginAccessControlId } = origin(distribution().DefaultCacheBehavior.TargetOriginId)
    expect(S3OriginConfig).toMatchObject({ OriginAccessIdentity: '' })
    expect(OriginAccessControlId).toBeDefined()
    for (const { Properties } of resourcesOf(template, 'AWS::S3::Bucket')) {
      expect(Object.values(Properties.PublicAccessBlockConfiguration)).toEqual([true, true, true, true])
    }
  })

  it('replaces pages without an invalidation, which can fail a deploy: CloudFront keeps none of them', () => {
    const uploads = resourcesOf(template, 'Custom::CDKBucketDeployment').map(({ Properties }) => Properties)
    const pages = uploads.find(({ Prune }) => Prune)
    expect(pages?.SystemMetadata).toEqual({ 'cache-control': 'no-cache' })
    expect(uploads.filter(({ DistributionId }) => DistributionId !== undefined)).toEqual([])
    // With the least time to live of a second.
    const optimised = '658327ea-f89d-4fab-a63d-7e88639e58f6'
    expect(distribution().DefaultCacheBehavior.CachePolicyId).toBe(optimised)
  })

  it('tells browsers what the host of one machine tells them', async () => {
    const local = await headersOfOneMachine()
    const { SecurityHeadersConfig, CustomHeadersConfig } = only(
      'AWS::CloudFront::ResponseHeadersPolicy',
    ).ResponseHeadersPolicyConfig
    const custom = Object.entries(browserHeaders).map(([Header, Value]) => ({ Header, Value, Override: true }))
    expect(CustomHeadersConfig.Items).toEqual(custom)
    expect(SecurityHeadersConfig.StrictTransportSecurity.AccessControlMaxAgeSec).toBe(31_536_000)
    expect(SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy).toBe(local['content-security-policy'])
    expect(SecurityHeadersConfig.ReferrerPolicy.ReferrerPolicy).toBe(local['referrer-policy'])
    expect(SecurityHeadersConfig.ContentTypeOptions).toEqual({ Override: true })
    expect(local['x-content-type-options']).toBe('nosniff')
  })
})

it('the front refers to no other stack', () => {
  expect(JSON.stringify(template.toJSON())).not.toContain('Fn::ImportValue')
})

describe('the hostnames of offers', () => {
  it('have certificates, records and pages, where the stage serves them', async () => {
    const front = (await synthesise(widerConfig)).template('front')
    const [console] = resourcesOf(front, 'AWS::CloudFront::Distribution')
    expect(console?.Properties.DistributionConfig.Aliases).toEqual([
      'try.example.com',
      'schools.example.org',
      'learn.example.com',
    ])
    const [certificate] = resourcesOf(front, 'AWS::CertificateManager::Certificate')
    expect(certificate?.Properties).toMatchObject({
      DomainName: 'try.example.com',
      SubjectAlternativeNames: ['schools.example.org', 'learn.example.com'],
      DomainValidationOptions: [
        { DomainName: 'try.example.com', HostedZoneId: 'Z00000000000000000001' },
        { DomainName: 'schools.example.org', HostedZoneId: 'Z00000000000000000003' },
        { DomainName: 'learn.example.com', HostedZoneId: 'Z00000000000000000001' },
      ],
    })
    const records = resourcesOf(front, 'AWS::Route53::RecordSet').map(({ Properties }) => Properties)
    expect(records.map(({ Name, Type, HostedZoneId }) => `${Name} ${Type} ${HostedZoneId.at(-1)}`).toSorted()).toEqual([
      'learn.example.com. A 1',
      'learn.example.com. AAAA 1',
      'schools.example.org. A 3',
      'schools.example.org. AAAA 3',
      'try.example.com. A 1',
      'try.example.com. AAAA 1',
    ])
    const [choosePage] = resourcesOf(front, 'AWS::CloudFront::Function')
    expect(choosePage?.Properties.FunctionCode).toContain(
      'var pagesAt = {"schools.example.org":"hosts/schools","learn.example.com":"hosts/schools"}',
    )
  })

  it('are needed by an offer without a path', async () => {
    await expect(synthesise({ ...widerConfig, stages: testConfig.stages })).rejects.toThrow(
      'offers.0: give it a path, or list one of its hostnames in stages.test.console.offerHostnames',
    )
  })

  it('are those of its pages and origins for the API of the stage alone', () => {
    const { offers: all, stages } = widerConfig
    const offers = createOffers(offersAt(all, stages['test']!.console.offerHostnames), 'https://try.example.com')
    expect(offers.find('schools').brand.consoleUrl).toBe('https://schools.example.org')
    expect(offers.find('clubs').brand.consoleUrl).toBe('https://try.example.com/clubs')
    expect([...offers.origins]).toEqual([
      'https://try.example.com',
      'https://schools.example.org',
      'https://learn.example.com',
    ])
  })
})
