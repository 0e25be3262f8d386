import { createHash } from 'node:crypto'
import { Stack } from 'aws-cdk-lib'
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { CfnApplication, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { CfnAlias, CfnFunction, CfnLayerVersion, CfnVersion } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { Names } from '../../cloud/names.ts'
import { isHttp } from '../../lambdas/manifest.ts'
import { OriginApi, type ServedFunction } from '../constructs/api/origin-api.ts'
import type { ManifestFunction } from '../constructs/control/manifest-functions.ts'
import { addGrants, InlineRole } from '../constructs/control/permissions/grant.ts'
import { type Deployment, StageStack } from '../deployment.ts'
import type { ControlStack } from './control-stack.ts'

/** Ten percent of calls for five minutes, then all. */
const canary = 'CodeDeployDefault.LambdaCanary10Percent5Minutes'

type DeployedFunction = Pick<ManifestFunction, 'definition' | 'function'>

/** What the layers of a function hold. A function only refers to them, by names that stay the same. */
const layersOf = (stack: Stack, { layers }: CfnFunction): readonly unknown[] => {
  const references = JSON.stringify(stack.resolve(layers) ?? [])
  return stack.node.findAll().flatMap((one) => {
    const isOwn = one instanceof CfnLayerVersion && references.includes(JSON.stringify(stack.resolve(one.ref)))
    return isOwn ? [one.content, one.compatibleArchitectures, one.compatibleRuntimes, one.description] : []
  })
}

/** What a version keeps of a function. Lambda publishes none if all of it is as before, and CloudFormation would fail. */
const contentOf = ({ function: handler }: DeployedFunction): string => {
  const { defaultChild: form } = handler.node
  if (!(form instanceof CfnFunction)) throw new Error(`${handler.node.path} has no function of CloudFormation`)
  const stack = Stack.of(handler)
  const { code, environment, runtime, handler: entry, architectures, memorySize, timeout, role } = form
  const { description, loggingConfig, tracingConfig, ephemeralStorage, layers } = form
  const settings = [runtime, entry, architectures, memorySize, timeout, role, description, ephemeralStorage]
  const kept = [code, environment, ...settings, loggingConfig, tracingConfig, layers, layersOf(stack, form)]
  const text = JSON.stringify(stack.resolve(kept))
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

interface LiveFunctionsProps {
  readonly names: Pick<Names, 'function' | 'installation'>
  readonly functions: Iterable<DeployedFunction>
}

/**
 * The functions behind the API under an alias, which CodeDeploy moves from one version to the next. It goes back where the function or the
 * API fails meanwhile. It finds functions by name: a reference would keep a later release from removing one.
 */
export class LiveFunctions extends Construct {
  readonly all: readonly ServedFunction[]

  constructor(scope: Construct, id: string, { names, functions }: LiveFunctionsProps) {
    super(scope, id)
    const behindApi = [...functions].filter(({ definition }) => isHttp(definition))
    const arns = behindApi.map(({ definition }) =>
      Stack.of(this).formatArn({ service: 'lambda', resource: `function:${names.function(definition.name)}` }),
    )
    const role = new InlineRole(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      description: 'Moves the aliases of functions behind the API',
    })
    addGrants(role, [
      {
        actions: ['lambda:GetAlias', 'lambda:UpdateAlias', 'lambda:GetProvisionedConcurrencyConfig'],
        resources: arns.flatMap((arn) => [arn, `${arn}:live`]),
      },
      {
        actions: ['cloudwatch:DescribeAlarms'],
        resources: ['*'],
        because: 'CloudWatch shows only all alarms or none.',
      },
    ])
    const { ref: applicationName } = new CfnApplication(this, 'Application', {
      applicationName: names.installation,
      computePlatform: 'Lambda',
    })
    const atOnce = this.node.tryGetContext('atOnce') !== undefined
    this.all = behindApi.map((one) => {
      const { definition } = one
      const { name } = definition
      const functionName = names.function(name)
      const version = new CfnVersion(this, `${name}-${contentOf(one)}`, { functionName })
      const group = new CfnDeploymentGroup(this, `${name}-group`, {
        applicationName,
        deploymentGroupName: name,
        serviceRoleArn: role.roleArn,
        deploymentConfigName: canary,
        deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
        alarmConfiguration: {
          enabled: true,
          // Calls that end without an answer; and answers above 499, whichever function gives them.
          alarms: [`${name}-errors`, 'api-errors'].map((alarm) => ({ name: `${names.installation}-${alarm}` })),
        },
        autoRollbackConfiguration: {
          enabled: true,
          events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
        },
      })
      const alias = new CfnAlias(this, name, { name: 'live', functionName, functionVersion: version.attrVersion })
      alias.addResourceDependency(group)
      if (!atOnce) {
        alias.cfnOptions.updatePolicy = {
          codeDeployLambdaAliasUpdate: { applicationName, deploymentGroupName: group.ref },
        }
      }
      return { definition, arn: alias.ref }
    })
  }
}

export class ApiStack extends StageStack {
  readonly api: IHttpApi

  constructor(scope: Construct, deployment: Deployment, control: ControlStack) {
    super(scope, deployment, 'api', { description: 'Sitewright: API, and the versions of functions behind it' })
    // A version is published of the function that is there.
    this.addStackDependency(control)
    const live = new LiveFunctions(this, 'Live', { names: deployment.names, functions: control.functions })
    this.api = new OriginApi(this, 'Api', deployment, live.all).api
  }
}
