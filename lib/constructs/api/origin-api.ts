import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
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
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { Construct } from 'constructs'
import { ConfigError } from '../../../core/errors.ts'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import { httpTriggersOf } from '../../../lambdas/manifest.ts'
import { type Deployment, hostedZoneOf, monthLog } from '../../deployment.ts'
import { originHostname } from '../front/console-distribution.ts'

/** A function behind the API, and what the API calls. */
export interface ServedFunction {
  readonly definition: AnyFunction
  readonly arn: string
}

/** OpenAPI wants each parameter of a path declared. */
const parametersOf = (path: string): readonly object[] =>
  Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

/**
 * The routes of all functions as an OpenAPI document that API Gateway imports in one call. A resource for each route takes more than a
 * hundred calls, of which it answers 10 a second. Only routes and integrations are in it: the whole description (`/v1/openapi.json`) fills a template.
 * Sources: API Gateway Developer Guide, "Amazon API Gateway quotas" and "x-amazon-apigateway-integrations object".
 */
const apiBodyOf = (stack: Stack, title: string, functions: readonly ServedFunction[]): object => {
  const served = functions.map(({ definition, arn }) => ({
    name: definition.name,
    operations: httpTriggersOf(definition).flatMap((trigger) => trigger.operations),
    uri: `arn:${stack.partition}:apigateway:${stack.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
  }))
  const routes = served.flatMap(({ name, operations }) => operations.map((operation) => ({ name, ...operation })))
  const methodsOf = (path: string, group: typeof routes): object => ({
    ...(parametersOf(path).length === 0 ? {} : { parameters: parametersOf(path) }),
    ...Object.fromEntries(
      group.map(({ method, name }) => [
        method.toLowerCase(),
        {
          'x-amazon-apigateway-integration': { $ref: `#/components/x-amazon-apigateway-integrations/${name}` },
          responses: { default: { description: 'The answer of the function.' } },
        },
      ]),
    ),
  })
  return {
    openapi: '3.0.1',
    info: { title, version: '1' },
    servers: [{ url: '/', 'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true } }],
    paths: Object.fromEntries(
      [...Map.groupBy(routes, ({ path }) => path)].map(([path, group]) => [path, methodsOf(path, group)]),
    ),
    components: {
      'x-amazon-apigateway-integrations': Object.fromEntries(
        served.map(({ name, uri }) => [
          name,
          { type: 'AWS_PROXY', httpMethod: 'POST', uri, payloadFormatVersion: '2.0', connectionType: 'INTERNET' },
        ]),
      ),
    },
  }
}

/** One permission for all routes of a function: one for each would exceed the limit of the function's policy. */
const admitApi = (scope: Construct, sourceArn: string, functions: readonly ServedFunction[]): void => {
  for (const { definition, arn: functionName } of functions) {
    const principal = 'apigateway.amazonaws.com'
    new CfnPermission(scope, definition.name, { functionName, action: 'lambda:InvokeFunction', principal, sourceArn })
  }
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

  constructor(scope: Construct, id: string, { names, stage, root }: Deployment, functions: readonly ServedFunction[]) {
    super(scope, id)
    const { originCertificate } = stage.console
    const hostname = originHostname(stage.console.hostname)
    const hostedZone = hostedZoneOf(this, stage.console.hostedZone)
    const stack = Stack.of(this)
    const { ref: httpApiId } = new CfnApi(this, 'Api', {
      body: apiBodyOf(stack, names.installation, functions),
      disableExecuteApiEndpoint: true,
    })
    admitApi(this, stack.formatArn({ service: 'execute-api', resource: httpApiId, resourceName: '*/*' }), functions)
    this.api = HttpApi.fromHttpApiAttributes(this, 'Imported', { httpApiId })
    const accessLog = monthLog(this, 'AccessLog', names.apiLogGroup)
    const httpStage = new HttpStage(this, 'Stage', {
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
      ...(originCertificate && { mtls: this.trust(resolve(root, originCertificate.authority)) }),
    })
    if (originCertificate === undefined) {
      Annotations.of(this).addWarningV2(
        'sitewright:no-origin-certificate',
        'Requests that bypass CloudFront count for the throttle of the API: see "Mutual TLS" in docs/deploy.md.',
      )
    }
    new ApiMapping(this, 'Mapping', { api: this.api, domainName, stage: httpStage })
    new ARecord(this, 'Address', {
      zone: hostedZone,
      recordName: `${hostname}.`,
      target: RecordTarget.fromAlias(
        new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
      ),
    })
  }

  /** @param file the certificate, in PEM, of the authority that signed what CloudFront shows. @throws {ConfigError} for anything else. */
  private trust(file: string): MTLSConfig {
    const text = readFileSync(file, 'utf8')
    if (!text.includes('-----BEGIN CERTIFICATE-----') || text.includes('PRIVATE KEY')) {
      throw new ConfigError(`${file} must have the authority's certificate in PEM, and no private key`)
    }
    const { bucket, s3ObjectKey: key } = new Asset(this, 'Authority', { path: file })
    return { bucket, key }
  }
}
