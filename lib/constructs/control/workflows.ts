import { Validations } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { machineNames, tasksOf } from '../../../lambdas/manifest.ts'
import { readStateMachine } from '../../../statemachines/read-state-machine.ts'
import { monthLog } from '../../deployment.ts'
import type { ManifestFunction } from './manifest-functions.ts'

interface WorkflowsProps {
  readonly names: Pick<Names, 'installation' | 'stateMachine'>
  readonly functions: Iterable<ManifestFunction>
}

/** The state machines of `statemachines/`. Each may call only its own tasks. */
export class Workflows extends Construct {
  constructor(scope: Construct, id: string, { names, functions }: WorkflowsProps) {
    super(scope, id)
    const all = [...functions]
    for (const name of machineNames) {
      const arns = Object.fromEntries(
        all.flatMap(({ definition, function: { functionArn } }) =>
          tasksOf(definition)
            .filter(({ machines }) => machines.includes(name))
            .map(({ task }) => [task, functionArn]),
        ),
      )
      const machine = new StateMachine(this, name, {
        stateMachineName: names.stateMachine(name),
        stateMachineType: StateMachineType.STANDARD,
        definitionBody: DefinitionBody.fromString(JSON.stringify(readStateMachine(name))),
        definitionSubstitutions: arns,
        tracingEnabled: true,
        logs: {
          destination: monthLog(this, `${name}-log`, `/aws/vendedlogs/states/${names.stateMachine(name)}`),
          level: LogLevel.ERROR,
          includeExecutionData: false,
        },
      })
      machine.addToRolePolicy(
        new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [...new Set(Object.values(arns))] }),
      )
      Validations.of(machine).acknowledge(
        {
          id: 'AwsSolutions-SF1',
          reason: 'Step Functions keeps the history of each execution; the log is for errors.',
        },
        {
          id: 'AwsSolutions-IAM5[Resource::*]',
          reason: 'Vended logs and X-Ray take no resource.',
        },
      )
    }
  }
}
