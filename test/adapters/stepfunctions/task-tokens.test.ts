import { InvalidToken, SFNClient, TaskDoesNotExist, TaskTimedOut } from '@aws-sdk/client-sfn'
import { expect, it } from 'vitest'
import { createTaskTokens } from '../../../adapters/stepfunctions/step-functions.ts'
import { playAws } from '../play-aws.ts'

const tokensThat = (answer: (input: object, command: string) => object) =>
  createTaskTokens(playAws(new SFNClient({ region: 'eu-central-1' }), answer))

const failure = { $metadata: {}, message: 'as told' }

it('completes a task, or sends it back with the error that the state machines retry', async () => {
  const sent: [string, object][] = []
  const tokens = tokensThat((input, command) => {
    sent.push([command, input])
    return {}
  })
  await tokens.succeed('a')
  await tokens.sendBack('b')
  expect(sent).toEqual([
    ['SendTaskSuccessCommand', { taskToken: 'a', output: '{}' }],
    ['SendTaskFailureCommand', { taskToken: 'b', error: 'ArchiveNotReady', cause: expect.any(String) }],
  ])
})

it.each([new TaskTimedOut(failure), new TaskDoesNotExist(failure), new InvalidToken(failure)])(
  'takes a late or second completion for done: $name',
  async (error) => {
    const tokens = tokensThat(() => {
      throw error
    })
    await tokens.succeed('a')
    await tokens.sendBack('a')
  },
)

it('fails where Step Functions does not answer', async () => {
  const tokens = tokensThat(() => {
    throw new Error('away')
  })
  await expect(tokens.succeed('a')).rejects.toThrow('away')
  await expect(tokens.sendBack('a')).rejects.toThrow('away')
})
