import { readFileSync } from 'node:fs'
import { Annotations, Stack } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  ApiMapping,
  CfnApi,
  DomainName,
  HttpApi,
  HttpStage,
  type IHttpApi,
  LogGroupLogDestination,
  type MTLSConfig,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager'
import { ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { ConfigError } from '../../../core/errors.ts'
import { monthLog } from '../../deployment.ts'
import { admitApi, apiBodyOf, type ServedFunction } from './api-body.ts'

interface OriginApiProps {
  readonly names: Pick<Names, 'apiLogGroup' | 'installation'>
  /** The API's hostname for CloudFront. */
  readonly hostname: string
  readonly hostedZone: IHostedZone
  readonly functions: readonly ServedFunction[]
  /** The certificate, in PEM, of the authority that signed what CloudFront shows. */
  readonly authorityFile: string | undefined
}

/** The result of a request without data about its sender: no address, no query, no header. */
const accessLogFormat = AccessLogFormat.custom(
  JSON.stringify({
    requestId: '$context.requestId',
    time: '$context.requestTime',
    route: '$context.routeKey',
    status: '$context.status',
    milliseconds: '$context.responseLatency',
    integrationMilliseconds: '$context.integrationLatency',
    error: '$context.integrationErrorMessage',
  }),
)

/** Requests per second that the API accepts in total; functions limit single clients. */
const throttle = { rateLimit: 200, burstLimit: 400 }

/**
 * The API behind CloudFront: a route for each operation of the manifest. Only its own hostname reaches it, and
 * its functions refuse requests without CloudFront's secret.
 */
export class OriginApi extends Construct {
  readonly api: IHttpApi

  constructor(scope: Construct, id: string, props: OriginApiProps) {
    super(scope, id)
    const { names, hostname, hostedZone, functions, authorityFile } = props
    const stack = Stack.of(this)
    const { ref: httpApiId } = new CfnApi(this, 'Api', {
      body: apiBodyOf(stack, names.installation, functions),
      disableExecuteApiEndpoint: true,
    })
    admitApi(this, stack.formatArn({ service: 'execute-api', resource: httpApiId, resourceName: '*/*' }), functions)
    this.api = HttpApi.fromHttpApiAttributes(this, 'Imported', { httpApiId })
    const accessLog = monthLog(this, 'AccessLog', names.apiLogGroup)
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle,
      accessLogSettings: { destination: new LogGroupLogDestination(accessLog), format: accessLogFormat },
    })
    const domainName = new DomainName(this, 'Domain', {
      domainName: hostname,
      certificate: new Certificate(this, 'Certificate', {
        domainName: hostname,
        validation: CertificateValidation.fromDns(hostedZone),
      }),
      ...(authorityFile === undefined ? {} : { mtls: this.trust(authorityFile) }),
    })
    if (authorityFile === undefined) {
      Annotations.of(this).addWarningV2(
        'sitewright:no-origin-certificate',
        'Requests that bypass CloudFront count for the throttle of the API: see "Mutual TLS" in docs/deploy.md.',
      )
    }
    new ApiMapping(this, 'Mapping', { api: this.api, domainName, stage })
    new ARecord(this, 'Address', {
      zone: hostedZone,
      recordName: `${hostname}.`,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
      ),
    })
  }

  /** @throws {ConfigError} unless the file is a certificate and nothing secret. */
  private trust(file: string): MTLSConfig {
    const text = readFileSync(file, 'utf8')
    if (!text.includes('-----BEGIN CERTIFICATE-----') || text.includes('PRIVATE KEY')) {
      throw new ConfigError(`${file} must have the authority's certificate in PEM, and no private key`)
    }
    const { bucket, s3ObjectKey: key } = new Asset(this, 'Authority', { path: file })
    return { bucket, key }
  }
}
