import { readFileSync } from 'node:fs'
import { Duration, SecretValue, Validations } from 'aws-cdk-lib'
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager'
import {
  AccessLevel,
  AllowedMethods,
  CachePolicy,
  type CfnDistribution,
  Function as CloudFrontFunction,
  Distribution,
  FunctionCode,
  FunctionEventType,
  FunctionRuntime,
  HttpVersion,
  OriginProtocolPolicy,
  OriginSslPolicy,
  PriceClass,
  SecurityPolicyProtocol,
  ViewerProtocolPolicy,
} from 'aws-cdk-lib/aws-cloudfront'
import { HttpOrigin, type HttpOriginProps, S3BucketOrigin } from 'aws-cdk-lib/aws-cloudfront-origins'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { originHeader } from '../../../lambdas/_runtime/own-headers.ts'
import { cachedErrors } from '../../deployment.ts'
import type { ConsoleFiles } from './console-files.ts'
import { ApiPolicies, ConsoleHeaders } from './console-policies.ts'

/** The API's hostname for CloudFront; the API refuses all others. */
export const originHostname = (consoleHostname: string): string => `origin.${consoleHostname}`

/** An origin to which CloudFront shows a client certificate; the CDK has no property for it yet. */
class OriginWithCertificate extends HttpOrigin {
  private readonly clientCertificateArn: string | undefined

  constructor(
    domainName: string,
    { clientCertificateArn, ...props }: HttpOriginProps & { clientCertificateArn?: string },
  ) {
    super(domainName, props)
    this.clientCertificateArn = clientCertificateArn
  }

  protected override renderCustomOriginConfig(): CfnDistribution.CustomOriginConfigProperty | undefined {
    const config = super.renderCustomOriginConfig()
    if (config === undefined || this.clientCertificateArn === undefined) return config
    return { ...config, originMtlsConfig: { clientCertificateArn: this.clientCertificateArn } }
  }
}

interface ConsoleDistributionProps {
  readonly names: Pick<Names, 'installation' | 'secret'>
  readonly hostname: string
  readonly certificate: ICertificate
  /** The directories of the pages at other hostnames. The certificate has these names. */
  readonly pagesAt: Readonly<Record<string, string>>
  readonly files: ConsoleFiles
  readonly firewallArn: string | undefined
  /** What CloudFront shows the API. */
  readonly clientCertificateArn: string | undefined
}

/** The function that chooses the page, with the directories of the pages at other hostnames. */
const choosePage = (pagesAt: Readonly<Record<string, string>>): string =>
  readFileSync(new URL('choose-page.js', import.meta.url), 'utf8').replace(
    'var pagesAt = {}',
    `var pagesAt = ${JSON.stringify(pagesAt)}`,
  )

export class ConsoleDistribution extends Construct {
  readonly distribution: Distribution

  constructor(scope: Construct, id: string, props: ConsoleDistributionProps) {
    super(scope, id)
    const { names, hostname, pagesAt, certificate, files, firewallArn, clientCertificateArn } = props
    const { policy: responseHeadersPolicy } = new ConsoleHeaders(this, 'Headers', { names })
    const api = new ApiPolicies(this, 'Api', { names })
    const shared = {
      responseHeadersPolicy,
      viewerProtocolPolicy: ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      compress: true,
    }
    const toApi = {
      ...shared,
      origin: new OriginWithCertificate(originHostname(hostname), {
        ...(clientCertificateArn === undefined ? {} : { clientCertificateArn }),
        protocolPolicy: OriginProtocolPolicy.HTTPS_ONLY,
        originSslProtocols: [OriginSslPolicy.TLS_V1_2],
        readTimeout: Duration.seconds(30),
        // CloudFormation reads the data stack's copy of the secret here, so no template contains it.
        customHeaders: { [originHeader]: SecretValue.secretsManager(names.secret('origin')).unsafeUnwrap() },
      }),
      allowedMethods: AllowedMethods.ALLOW_ALL,
      cachePolicy: api.cache,
      originRequestPolicy: api.ask,
    }
    this.distribution = new Distribution(this, 'Distribution', {
      comment: `The console of ${names.installation}`,
      domainNames: [hostname, ...Object.keys(pagesAt)],
      certificate,
      minimumProtocolVersion: SecurityPolicyProtocol.TLS_V1_2_2021,
      httpVersion: HttpVersion.HTTP2_AND_3,
      priceClass: PriceClass.PRICE_CLASS_100,
      ...(firewallArn === undefined ? {} : { webAclId: firewallArn }),
      defaultRootObject: 'index.en.html',
      enableLogging: true,
      logBucket: files.accessLogs,
      logFilePrefix: 'console/',
      logIncludesCookies: false,
      errorResponses: cachedErrors.map((httpStatus) => ({ httpStatus, ttl: Duration.seconds(0) })),
      defaultBehavior: {
        ...shared,
        // With the permission to list, a missing page is a 404 and not a 403.
        origin: S3BucketOrigin.withOriginAccessControl(files.bucket, {
          originAccessLevels: [AccessLevel.READ, AccessLevel.LIST],
        }),
        cachePolicy: CachePolicy.CACHING_OPTIMIZED,
        functionAssociations: [
          {
            eventType: FunctionEventType.VIEWER_REQUEST,
            function: new CloudFrontFunction(this, 'ChoosePage', {
              functionName: `${names.installation}-choose-page`,
              comment: 'Chooses the language of a page, and the offer by the hostname',
              runtime: FunctionRuntime.JS_2_0,
              code: FunctionCode.fromInline(choosePage(pagesAt)),
            }),
          },
        ],
      },
      additionalBehaviors: { '/v1/*': toApi, '/.well-known/security.txt': toApi },
    })
    Validations.of(this.distribution).acknowledge(
      { id: 'AwsSolutions-CFR1', reason: 'The console is for the whole world.' },
      ...(firewallArn === undefined
        ? [{ id: 'AwsSolutions-CFR2', reason: 'The operator chose a stage without firewalls.' }]
        : []),
      {
        id: 'Annotation::@aws-cdk/aws-cloudfront-origins:listBucketSecurityRisk',
        reason: 'There is a default root object, so nobody gets a listing.',
      },
    )
  }
}
