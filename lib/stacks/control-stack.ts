import { ArnFormat, Stack, Validations } from 'aws-cdk-lib'
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { ArnPrincipal, type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Names } from '../../cloud/names.ts'
import { machineNames, tasksOf } from '../../lambdas/manifest.ts'
import { readStateMachine } from '../../statemachines/read-state-machine.ts'
import { DeadLetters } from '../constructs/control/dead-letters.ts'
import { EventPublisher, EventRouting } from '../constructs/control/event-routing.ts'
import { type ManifestFunction, ManifestFunctions } from '../constructs/control/manifest-functions.ts'
import { OperatorPool } from '../constructs/control/operator-pool.ts'
import { acknowledgeWildcard, addGrants, InlineRole } from '../constructs/control/permissions/grant.ts'
import { type Deployment, monthLog, StageStack } from '../deployment.ts'
import type { DataStack } from './data-stack.ts'
import type { EdgeStack } from './edge-stack.ts'

interface WorkflowsProps {
  readonly names: Pick<Names, 'installation' | 'stateMachine' | 'workflowLogGroup'>
  readonly functions: Iterable<ManifestFunction>
}

/** The state machines of `statemachines/`. Each may call only its own tasks. */
class Workflows extends Construct {
  constructor(scope: Construct, id: string, { names, functions }: WorkflowsProps) {
    super(scope, id)
    const all = [...functions]
    const { account } = Stack.of(this)
    const workflows = new ServicePrincipal('states.amazonaws.com', {
      conditions: {
        StringEquals: { 'aws:SourceAccount': account },
        ArnLike: {
          'aws:SourceArn': Stack.of(this).formatArn({
            service: 'states',
            resource: 'stateMachine:*',
            arnFormat: ArnFormat.NO_RESOURCE_NAME,
          }),
        },
      },
    })
    const destination = monthLog(this, 'Log', names.workflowLogGroup)
    for (const name of machineNames) {
      const arns = Object.fromEntries(
        all.flatMap(({ definition, function: { functionArn } }) =>
          tasksOf(definition)
            .filter(({ machines }) => machines.includes(name))
            .map(({ task }) => [task, functionArn]),
        ),
      )
      const role = new InlineRole(this, `${name}Role`, {
        assumedBy: workflows,
        description: `What ${names.stateMachine(name)} may do`,
      })
      const machine = new StateMachine(this, name, {
        stateMachineName: names.stateMachine(name),
        stateMachineType: StateMachineType.STANDARD,
        definitionBody: DefinitionBody.fromString(JSON.stringify(readStateMachine(name))),
        definitionSubstitutions: arns,
        role,
        tracingEnabled: true,
        logs: { destination, level: LogLevel.ERROR, includeExecutionData: false },
      })
      role.addToPolicy(
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [...new Set(Object.values(arns))] }),
      )
      Validations.of(machine).acknowledge({
        id: 'AwsSolutions-SF1',
        reason: 'Step Functions keeps the history of each execution; the log is for errors.',
      })
      acknowledgeWildcard(role, '*', 'Vended logs and X-Ray take no resource.')
    }
  }
}

/**
 * The images that blueprints define how to build. A deploy builds them; publishing a blueprint finds them by a parameter
 * and copies them to the installation's own repository.
 */
const addBlueprintImages = (scope: Construct, { names, blueprints, resolvePath }: Deployment): void => {
  for (const blueprint of blueprints) {
    for (const { name, build } of blueprint.containers) {
      if (build === undefined) continue
      const image = new DockerImageAsset(scope, `${blueprint.name}.${name}`, {
        assetName: `${blueprint.name}/${name}`,
        directory: resolvePath(blueprint, build.context),
        file: build.dockerfile,
        platform: Platform.LINUX_ARM64,
      })
      new StringParameter(scope, `${blueprint.name}.${name}.Uri`, {
        parameterName: names.imageParameter(blueprint.name, name),
        description: `The image of ${blueprint.name}/${name} as the last deploy built it`,
        stringValue: image.imageUri,
      })
    }
  }
}

/**
 * What pushes images of accounts' software: the policy of each session leaves it one repository.
 * @param opener the role of the function that opens sessions.
 */
const addPushRole = (scope: Construct, names: Names, opener: IRole): void => {
  const { partition, region, account } = Stack.of(scope)
  const role = new Role(scope, 'Role', {
    roleName: names.pushRole,
    description: 'Pushes images of accounts; each session to one repository',
    assumedBy: new ArnPrincipal(opener.roleArn),
  })
  addGrants(role, [
    {
      actions: ['ecr:GetAuthorizationToken'],
      resources: ['*'],
      because: 'A token takes no resource; its session has one repository.',
    },
    {
      actions: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:CompleteLayerUpload',
        'ecr:GetDownloadUrlForLayer',
        'ecr:InitiateLayerUpload',
        'ecr:PutImage',
        'ecr:UploadLayerPart',
      ],
      resources: [`arn:${partition}:ecr:${region}:${account}:repository/${names.ownRepository('*')}`],
      because: 'Each site has a repository, and the policy of a session names it.',
    },
  ])
}

export class ControlStack extends StageStack {
  readonly functions: readonly ManifestFunction[]

  constructor(
    scope: Construct,
    deployment: Deployment,
    { data, edge }: { readonly data: DataStack; readonly edge: EdgeStack },
  ) {
    const { names, stage } = deployment
    super(scope, deployment, 'control', { description: 'Sitewright: functions, workflows and events' })
    const deadLetters = new DeadLetters(this, 'DeadLetters', { names })
    const operators = new OperatorPool(this, 'Operators', { names, consoleHostname: stage.console.hostname })
    const functions = new ManifestFunctions(this, 'Functions', deployment, {
      stored: data,
      operators,
      customDomains: edge.customDomains,
    })
    const all = [...functions.all.values()]
    this.functions = all
    new Workflows(this, 'Workflows', { names, functions: all })
    new EventRouting(this, 'Events', {
      names,
      cells: stage.cells.map(({ name }) => name),
      functions: all,
      undelivered: deadLetters.of('undelivered'),
      failed: deadLetters.of('failed'),
    })
    new EventPublisher(this, 'Publisher', {
      publisher: functions.of('publish-events'),
      table: data.tables.main,
      unpublished: deadLetters.of('unpublished'),
    })
    addBlueprintImages(new Construct(this, 'Images'), deployment)
    const { role: opener } = functions.of('deployment-api').function
    if (opener !== undefined) addPushRole(new Construct(this, 'Push'), names, opener)
  }
}
