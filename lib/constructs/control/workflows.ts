import { RemovalPolicy, Validations } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { readStateMachine } from '../../../statemachines/read-state-machine.ts'
import { machineNames } from './machine-names.ts'
import type { ManifestFunction } from './manifest-function.ts'

interface WorkflowsProps {
  readonly names: Pick<Names, 'installation' | 'stateMachine'>
  readonly functions: Iterable<ManifestFunction>
}

/** The state machines of `statemachines/`, each allowed to call its own tasks and nothing else. */
export class Workflows extends Construct {
  constructor(scope: Construct, id: string, { names, functions }: WorkflowsProps) {
    super(scope, id)
    const all = [...functions]
    for (const name of machineNames) {
      const arns = Object.fromEntries(
        all.flatMap(({ entry, function: { functionArn } }) =>
          entry.kind === 'task' && entry.machines.includes(name) ? [[entry.state, functionArn]] : [],
        ),
      )
      const machine = new StateMachine(this, name, {
        stateMachineName: names.stateMachine(name),
        stateMachineType: StateMachineType.STANDARD,
        definitionBody: DefinitionBody.fromString(JSON.stringify(readStateMachine(name))),
        definitionSubstitutions: arns,
        tracingEnabled: true,
        logs: {
          destination: new LogGroup(this, `${name}-log`, {
            logGroupName: `/aws/vendedlogs/states/${names.stateMachine(name)}`,
            retention: RetentionDays.ONE_MONTH,
            removalPolicy: RemovalPolicy.DESTROY,
          }),
          level: LogLevel.ERROR,
          includeExecutionData: false,
        },
      })
      machine.addToRolePolicy(
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: Object.values(arns) }),
      )
      Validations.of(machine).acknowledge(
        {
          id: 'AwsSolutions-SF1',
          reason: 'The history of each execution is kept by Step Functions; the log is for what went wrong.',
        },
        {
          id: 'AwsSolutions-IAM5[Resource::*]',
          reason: 'Vended logs and X-Ray take no resource.',
        },
      )
    }
  }
}
