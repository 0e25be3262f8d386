import { Duration } from 'aws-cdk-lib'
import {
  CacheCookieBehavior,
  CacheHeaderBehavior,
  CachePolicy,
  CacheQueryStringBehavior,
  OriginRequestHeaderBehavior,
  OriginRequestPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { functions, httpTriggersOf } from '../../../lambdas/manifest.ts'

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
