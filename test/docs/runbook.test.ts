import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { readStateMachine } from '../../statemachines/read-state-machine.ts'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { canTestWith } from '../support/can-test.ts'
import { documentOf, sectionOf } from './support/documents.ts'

const run = promisify(execFile)

const blocksAfter = (heading: string): readonly string[] => {
  const [, text = ''] = sectionOf(documentOf('runbook.md'), 'Redriving').split(`\n**${heading}.**`)
  return [...(text.split('\n**')[0] ?? '').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
}

const failedCall = {
  requestContext: {
    functionArn: 'arn:aws:lambda:eu-central-1:123456789012:function:sitewright-test-mail-owner:$LATEST',
  },
  requestPayload: { id: '1', 'detail-type': 'SiteClaimed' },
}
const range = { streamArn: 'arn:stream', shardId: 'shard-1', startSequenceNumber: '100', endSequenceNumber: '300' }

/** Runs commands of the page with an AWS CLI that has one message in its queue. @returns what the CLI was asked, and what was printed. */
const redrive = async (heading: string, body: object, error: 'None' | 'Unhandled') => {
  await using place = await temporaryDirectory()
  const at = (path: string) => join(place.path, path)
  await writeFile(at('queue.json'), JSON.stringify({ Messages: [{ Body: JSON.stringify(body), ReceiptHandle: 'r' }] }))
  await writeFile(
    at('aws'),
    `#!/bin/sh
cd ${place.path}; echo "$@" >>asked
case "$2" in
  receive-message) cat queue.json 2>&- ;;
  delete-message) rm queue.json ;;
  get-records) echo '{"Records":[{"dynamodb":{"SequenceNumber":"100"}}]}' ;;
  invoke) cp event.json sent.json; echo ${error} ;;
  *) echo "$2" ;;
esac
exit 0
`,
    { mode: 0o755 },
  )
  await writeFile(at('answer.json'), 'the error\n')
  const env = { ...process.env, PATH: `${place.path}:${process.env['PATH']}`, NAME: 'sitewright-test' }
  const { stdout } = await run('bash', ['-uc', blocksAfter(heading).join('\n')], {
    env,
    cwd: place.path,
    timeout: 240_000,
  })
  const sent = JSON.parse(await readFile(at('sent.json'), 'utf8'))
  return { asked: await readFile(at('asked'), 'utf8'), stdout, sent }
}

it('says how long people have waited when an execution is given up', () => {
  const words: Readonly<Record<string, number>> = { 'an hour': 3600, 'six hours': 21_600, 'a day': 86_400 }
  const said = [
    ...documentOf('runbook.md').matchAll(
      /^### (\S+)-timed-out\n\n\*\*People notice:\*\* .*?(an hour|six hours|a day)\b/gm,
    ),
  ]
  expect(said.map(([, machine]) => machine)).toContain('provision-site')
  for (const [, machine = '', time = ''] of said)
    expect(readStateMachine(machine)).toMatchObject({ TimeoutSeconds: words[time] })
})

describe.skipIf(!canTestWith(['jq'], 'the redriving of events'))('redriving', () => {
  it.each([
    ['Undelivered', failedCall.requestPayload],
    ['Failed', failedCall],
  ] as const)('sends an event of the queue for %s again, and then deletes its message', async (heading, body) => {
    const { asked, sent } = await redrive(heading, body, 'None')
    expect(asked).toMatch(/lambda invoke --function-name \S*sitewright-test-mail-owner/)
    expect(asked).toContain('sqs delete-message')
    expect(sent).toEqual(failedCall.requestPayload)
  })

  it.each([
    ['Undelivered', failedCall.requestPayload],
    ['Failed', failedCall],
  ] as const)('keeps a message of the queue for %s whose event fails again', async (heading, body) => {
    const { asked, stdout } = await redrive(heading, body, 'Unhandled')
    expect(asked).not.toContain('sqs delete-message')
    expect(stdout).toContain('the error')
  })

  it('reads the records that a message names, and says whether the last one is among them', async () => {
    const { asked, stdout } = await redrive('Unpublished', { DDBStreamBatchInfo: range }, 'None')
    expect(asked).toContain('--stream-arn arn:stream --shard-id shard-1')
    expect(asked).toContain('--sequence-number 100')
    expect(stdout).toContain('false')
  })
})
