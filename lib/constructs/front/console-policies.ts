import { Duration } from 'aws-cdk-lib'
import {
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  HeadersFrameOption,
  HeadersReferrerPolicy,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
  ResponseHeadersPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { browserHeaders, httpsOnlySeconds } from '../../../lambdas/_runtime/browser-headers.ts'
import { functions, httpTriggersOf } from '../../../lambdas/manifest.ts'

/** As on one machine: what pages may load, and from where. */
const contentSecurityPolicy =
  "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/** What every answer of the console tells a browser to be careful about. */
export class ConsoleHeaders extends Construct {
  readonly policy: ResponseHeadersPolicy

  constructor(scope: Construct, id: string, { names }: { readonly names: Pick<Names, 'installation'> }) {
    super(scope, id)
    this.policy = new ResponseHeadersPolicy(this, 'Policy', {
      responseHeadersPolicyName: names.installation,
      securityHeadersBehavior: {
        contentSecurityPolicy: { contentSecurityPolicy, override: true },
        contentTypeOptions: { override: true },
        frameOptions: { frameOption: HeadersFrameOption.DENY, override: true },
        referrerPolicy: { referrerPolicy: HeadersReferrerPolicy.NO_REFERRER, override: true },
        strictTransportSecurity: { accessControlMaxAge: Duration.seconds(httpsOnlySeconds), override: true },
      },
      customHeadersBehavior: {
        customHeaders: Object.entries(browserHeaders).map(([header, value]) => ({ header, value, override: true })),
      },
    })
  }
}

/** What some operation of the API asks for by name, besides what every one needs. */
const askedHeaders = (): readonly string[] => [
  ...new Set(
    functions
      .flatMap(httpTriggersOf)
      .flatMap(({ operations }) => operations)
      .flatMap(({ headers }) => Object.keys(headers.shape)),
  ),
]

/**
 * How CloudFront asks the API. Host cannot go along, since the API has a name of its own, and a policy that takes all of a
 * visitor's headers but that one leaves out CloudFront's own: so those that go along are named, and Authorization, which
 * CloudFront passes on from a cache key alone, is part of one.
 */
export class ApiPolicies extends Construct {
  readonly cache: CachePolicy
  readonly ask: OriginRequestPolicy

  constructor(scope: Construct, id: string, { names }: { readonly names: Pick<Names, 'installation'> }) {
    super(scope, id)
    // Nothing is kept: every answer says `no-store`. Were one kept, it would be its asker's alone.
    this.cache = new CachePolicy(this, 'Cache', {
      cachePolicyName: `${names.installation}-api`,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(1),
      headerBehavior: CacheHeaderBehavior.allowList('Authorization'),
      cookieBehavior: CacheCookieBehavior.all(),
      queryStringBehavior: CacheQueryStringBehavior.all(),
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    })
    this.ask = new OriginRequestPolicy(this, 'Ask', {
      originRequestPolicyName: `${names.installation}-api`,
      headerBehavior: OriginRequestHeaderBehavior.allowList(
        'CloudFront-Viewer-Address',
        'Content-Type',
        'Origin',
        ...askedHeaders(),
      ),
    })
  }
}
