import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionStatus,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn'
import { afterAll, expect, it } from 'vitest'
import { createStepFunctions } from '../../../adapters/stepfunctions/step-functions.ts'
import { workflowsContract } from '../../adapters/workflows/contract.ts'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'

sayPlayed('how executions of Step Functions end; the emulator records them and runs none')

const ends = { succeeded: ExecutionStatus.SUCCEEDED, failed: ExecutionStatus.FAILED } as const

/** The machine as the stacks deploy it, and executions whose statuses are what the test says. */
const openMachine = async () => {
  const client = new SFNClient(clientSettings())
  const played = new Map<string, ExecutionStatus>()
  client.middlewareStack.add(
    (next, context) => async (call) => {
      const result = await next(call)
      const name = Reflect.get(result.output, 'name')
      const status = typeof name === 'string' ? played.get(name) : undefined
      const isAsked = context['commandName'] === DescribeExecutionCommand.name && status !== undefined
      return isAsked ? { ...result, output: { ...result.output, status } } : result
    },
    { step: 'initialize', name: 'playedEnd' },
  )
  const prefix = `machine-${randomUUID()}-`
  const definition = await readFile(new URL('../../../statemachines/provision-site.asl.json', import.meta.url), 'utf8')
  const { stateMachineArn = '' } = await client.send(
    new CreateStateMachineCommand({
      name: `${prefix}provision-site`,
      definition: definition.replaceAll(/\$\{(\w+)\}/g, 'arn:aws:lambda:eu-central-1:123456789012:function:$1'),
      roleArn: 'arn:aws:iam::123456789012:role/any',
    }),
  )
  return {
    client,
    played,
    stateMachineArn,
    workflows: createStepFunctions({ client, machineArnPrefix: stateMachineArn.replace(/provision-site$/, '') }),
    close: async () => {
      await client.send(new DeleteStateMachineCommand({ stateMachineArn }))
      client.destroy()
    },
  }
}

workflowsContract('Step Functions', async () => {
  const { client, played, stateMachineArn, workflows, close } = await openMachine()
  return {
    workflows,
    inputs: async (name) => {
      const { executions = [] } = await client.send(new ListExecutionsCommand({ stateMachineArn }))
      const found = executions.filter((execution) => execution.name === name)
      return Promise.all(
        found.map(async ({ executionArn }) => {
          const { input } = await client.send(new DescribeExecutionCommand({ executionArn }))
          return JSON.parse(input ?? '')
        }),
      )
    },
    end: async (name, outcome) => void played.set(name, ends[outcome]),
    close,
  }
})

const opened: Awaited<ReturnType<typeof openMachine>>[] = []
afterAll(async () => {
  for (const { close } of opened) await close()
})

it.each([
  ['RUNNING', 'running'],
  ['PENDING_REDRIVE', 'running'],
  ['SUCCEEDED', 'succeeded'],
  ['FAILED', 'failed'],
  ['TIMED_OUT', 'failed'],
  ['ABORTED', 'failed'],
] as const)('an execution that Step Functions calls %s is %s', async (status, expected) => {
  const machine = await openMachine()
  opened.push(machine)
  await machine.workflows.start('provision-site', 'build-1', {})
  machine.played.set('build-1', status)
  expect(await machine.workflows.status('provision-site', 'build-1')).toBe(expected)
})

it('throws a failure that is none of the names', async () => {
  const client = new SFNClient(clientSettings())
  const workflows = createStepFunctions({
    client,
    machineArnPrefix: `arn:aws:states:eu-central-1:123456789012:stateMachine:${randomUUID()}-`,
  })
  await expect(workflows.start('provision-site', 'build-1', {})).rejects.toMatchObject({
    name: 'StateMachineDoesNotExist',
  })
  client.destroy()
})
