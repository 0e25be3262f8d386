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
import { browserHeaders, contentSecurityPolicy, httpsOnlySeconds } from '../../../lambdas/_runtime/browser-headers.ts'
import { accountHeader, pollHeader } from '../../../lambdas/_runtime/own-headers.ts'
import { functions, httpTriggersOf } from '../../../lambdas/manifest.ts'

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

/** An origin request policy has at most ten headers; what is in the cache key is forwarded too. */
const keyed: readonly string[] = ['Authorization', accountHeader, 'referer']

/** The headers that operations of the API read, besides the common ones and those of the cache key. */
const askedHeaders = (): readonly string[] => [
  ...new Set(
    functions
      .flatMap(httpTriggersOf)
      .flatMap(({ operations }) => operations)
      .flatMap(({ headers }) => Object.keys(headers.shape))
      .filter((name) => !keyed.includes(name)),
  ),
]

/**
 * The request headers from CloudFront to the API. Host must not be among them, because the API has its own hostname, and the
 * policy of all visitors' headers but Host leaves out CloudFront's own headers. So the forwarded headers are listed.
 * CloudFront forwards Authorization only as part of a cache key.
 */
export class ApiPolicies extends Construct {
  readonly cache: CachePolicy
  readonly ask: OriginRequestPolicy

  constructor(scope: Construct, id: string, { names }: { readonly names: Pick<Names, 'installation'> }) {
    super(scope, id)
    // Nothing is cached: every answer says `no-store`. A cached answer would be for its requester only.
    this.cache = new CachePolicy(this, 'Cache', {
      cachePolicyName: `${names.installation}-api`,
      minTtl: Duration.seconds(0),
      defaultTtl: Duration.seconds(0),
      maxTtl: Duration.seconds(1),
      headerBehavior: CacheHeaderBehavior.allowList(...keyed),
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
        'Sec-Fetch-Site',
        pollHeader,
        // The audit log has it; otherwise CloudFront puts its own name there.
        'User-Agent',
        ...askedHeaders(),
      ),
    })
  }
}
