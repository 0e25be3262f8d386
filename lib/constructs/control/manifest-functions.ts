import { Duration, Size, Validations } from 'aws-cdk-lib'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Code,
  type FunctionProps,
  Function as LambdaFunction,
  LayerVersion,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { type Names, routerLabel } from '../../../cloud/names.ts'
import { type Variable, variablesOf } from '../../../cloud/variables.ts'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import type { Capability } from '../../../lambdas/_runtime/ports.ts'
import {
  type ManifestFunction as Definition,
  type FunctionName,
  functions,
  isHttp,
  reservedOf,
} from '../../../lambdas/manifest.ts'
import { type Deployment, monthLog } from '../../deployment.ts'
import { functionGrants } from './permissions/function-grants.ts'
import { acknowledgeWildcard, addGrants, type Grant, InlineRole } from './permissions/grant.ts'
import { type Surroundings, surroundingsOf, type UsedParts } from './permissions/surroundings.ts'

/** The capabilities whose adapters call DuckDB. */
const callers: ReadonlySet<Capability> = new Set<Capability>(['reports:read', 'reports:write'])

/** DuckDB with its native library, which is too large for a bundle of each function. @param directory has `nodejs/node_modules`. */
const duckdbLayer = (scope: Construct, directory: string): LayerVersion =>
  new LayerVersion(scope, 'Layer', {
    code: Code.fromAsset(directory),
    compatibleArchitectures: [Architecture.ARM_64],
    compatibleRuntimes: [Runtime.NODEJS_24_X],
    description: 'DuckDB, with its library for Linux on arm64',
  })

/** What a function that calls DuckDB has besides the others: one processor, and room for files. */
const duckdbParts = (
  { uses }: AnyFunction,
  layer: LayerVersion,
): Pick<FunctionProps, 'layers' | 'memorySize' | 'ephemeralStorageSize'> =>
  uses.some((capability) => callers.has(capability))
    ? { layers: [layer], memorySize: 1769, ephemeralStorageSize: Size.mebibytes(4096) }
    : {}

interface ManifestFunctionProps {
  readonly definition: AnyFunction
  readonly names: Pick<Names, 'function' | 'functionLogGroup' | 'installation'>
  readonly bundle: string
  readonly environment: Readonly<Record<string, string>>
  readonly grants: readonly Grant[]
  readonly duckdb: LayerVersion
  readonly concurrency: number
}

/** In MiB. Lambda assigns CPU by memory: a person waits for the first, and the last lists every site. */
const memoryOf = (definition: AnyFunction): number => (isHttp(definition) || definition.timeout >= 300 ? 512 : 256)

/** One function of the manifest. Its own role allows what its `uses` require, and writing its own log. */
export class ManifestFunction extends Construct {
  readonly definition: AnyFunction
  readonly function: LambdaFunction

  constructor(scope: Construct, id: string, props: ManifestFunctionProps) {
    super(scope, id)
    const { definition, names, bundle, environment, grants, duckdb, concurrency } = props
    const { name } = definition
    this.definition = definition
    const logGroup = monthLog(this, 'Log', names.functionLogGroup(name))
    const role = new InlineRole(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${names.function(name)} may do`,
    })
    addGrants(role, [
      {
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [logGroup.logGroupArn],
        because: 'The streams of its own log, which Lambda names.',
      },
      ...grants,
    ])
    acknowledgeWildcard(role, '*', 'X-Ray takes no resource, and neither do the actions that are granted so beside it.')
    const atMost = reservedOf(definition, concurrency)
    this.function = new LambdaFunction(this, 'Function', {
      functionName: names.function(name),
      description: `${name} of ${names.installation}`,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(bundle),
      memorySize: memoryOf(definition),
      timeout: Duration.seconds(definition.timeout),
      environment: { ...environment, NODE_OPTIONS: '--enable-source-maps' },
      role,
      logGroup,
      loggingFormat: LoggingFormat.JSON,
      tracing: Tracing.ACTIVE,
      ...(atMost === undefined ? {} : { reservedConcurrentExecutions: atMost }),
      ...duckdbParts(definition, duckdb),
    })
    Validations.of(this.function).acknowledge({
      id: 'AwsSolutions-L1',
      reason: 'All tests run on Node 24; the whole project moves to a newer version together.',
    })
  }
}

const variableValues = ({
  names,
  secretArn,
  operators,
  customDomains,
  ...given
}: Surroundings): Readonly<Record<Exclude<Variable, 'PORT'>, string>> => ({
  ARCHIVE_BUCKET: given.archiveBucket.name,
  CELL_PARAMETERS: names.cellParameters,
  CODE_SECRET: secretArn('codes'),
  DOMAIN_CONNECTION_GROUP: customDomains.connectionGroupId,
  DOMAIN_DISTRIBUTION: customDomains.distributionId,
  DOMAIN_ENDPOINT: customDomains.routingEndpoint,
  ENTITLEMENT_KEY: names.entitlementKey,
  EVENT_BUS: names.bus,
  LOG_LEVEL: 'info',
  MAIL_CONFIGURATION: names.mailConfiguration,
  MAIL_FROM: given.mailFrom,
  OPERATOR_CLIENT: operators.clientId,
  OPERATOR_DOMAIN: operators.domain,
  OPERATOR_ISSUER: operators.issuer,
  OPERATOR_POOL: operators.poolId,
  ORIGIN_SECRET: secretArn('origin'),
  PARAMETER_KEY: given.dataKeyArn,
  PROBE_SECRET: secretArn('probe'),
  PUSH_ROLE: given.globalArn('iam', `role/${names.pushRole}`),
  REPORT_BUCKET: given.reportBucket.name,
  ROUTER_URL: `https://${routerLabel}.${given.sitesDomain}`,
  SITE_SECRET: secretArn('sites'),
  STAGE: given.stageName,
  STATE_MACHINE_PREFIX: given.arn('states', `stateMachine:${names.stateMachine('')}`),
  STRIPE_SECRET: secretArn('stripe'),
  STRIPE_WEBHOOK_SECRET: secretArn('stripe-webhook'),
  TABLES: names.tables,
  UNPUBLISHED_QUEUE: given.queueUrl(names.deadLetters('unpublished')),
  WEBHOOK_SECRET: secretArn('webhooks'),
})

export class ManifestFunctions extends Construct {
  readonly all: ReadonlyMap<FunctionName, ManifestFunction>

  constructor(scope: Construct, id: string, deployment: Deployment, parts: UsedParts) {
    super(scope, id)
    const { names, bundles } = deployment
    const surroundings = surroundingsOf(this, deployment, parts)
    const duckdb = duckdbLayer(new Construct(this, 'Duckdb'), deployment.duckdb)
    const values: Readonly<Record<string, string>> = variableValues(surroundings)
    const make = (definition: Definition): ManifestFunction => {
      const { name } = definition
      const bundle = bundles.get(name)
      if (bundle === undefined) throw new Error(`the function ${name} has no bundle`)
      return new ManifestFunction(this, name, {
        definition,
        names,
        bundle,
        environment: Object.fromEntries(variablesOf(definition).map((variable) => [variable, values[variable] ?? ''])),
        grants: functionGrants(surroundings, definition),
        duckdb,
        concurrency: deployment.stage.quotas.lambdaConcurrency,
      })
    }
    this.all = new Map(functions.map((definition) => [definition.name, make(definition)]))
  }

  of(name: FunctionName): ManifestFunction {
    const found = this.all.get(name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    return found
  }
}
