import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import { isHttp } from '../../../lambdas/manifest.ts'
import type { Grant } from './permissions/grant.ts'
import { acknowledgeWildcard, addGrants } from './permissions/grant.ts'

interface ManifestFunctionProps {
  readonly definition: AnyFunction
  readonly names: Pick<Names, 'function' | 'functionLogGroup' | 'installation'>
  /** The directory that holds `index.mjs`. */
  readonly bundle: string
  readonly environment: Readonly<Record<string, string>>
  readonly grants: readonly Grant[]
}

/** In MiB. Lambda gives CPU by memory: a person waits for the first, and the last holds the lists of every site. */
const memoryOf = (definition: AnyFunction): number => (isHttp(definition) || definition.timeout >= 300 ? 512 : 256)

/** One function of the manifest, with a role of its own that allows what its `uses` name and to write its own log. */
export class ManifestFunction extends Construct {
  readonly definition: AnyFunction
  readonly function: LambdaFunction

  constructor(scope: Construct, id: string, props: ManifestFunctionProps) {
    super(scope, id)
    const { definition, names, bundle, environment, grants } = props
    const { name } = definition
    this.definition = definition
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: names.functionLogGroup(name),
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const role = new Role(this, 'Role', {
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
      ...(definition.oneAtATime ? { reservedConcurrentExecutions: 1 } : {}),
    })
    Validations.of(this.function).acknowledge({
      id: 'AwsSolutions-L1',
      reason:
        'Node 24 is the version that everything is tested on; a newer one is taken by a change of the whole project.',
    })
  }
}
