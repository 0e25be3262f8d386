import { ArnFormat, Stack, Validations } from 'aws-cdk-lib'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import { machineNames, tasksOf } from '../../../lambdas/manifest.ts'
import { readStateMachine } from '../../../statemachines/read-state-machine.ts'
import { monthLog } from '../../deployment.ts'
import type { ManifestFunction } from './manifest-functions.ts'
import { acknowledgeWildcard, InlineRole } from './permissions/grant.ts'

interface WorkflowsProps {
  readonly names: Pick<Names, 'installation' | 'stateMachine' | 'workflowLogGroup'>
  readonly functions: Iterable<ManifestFunction>
}

/** The state machines of `statemachines/`. Each may call only its own tasks. */
export class Workflows extends Construct {
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
