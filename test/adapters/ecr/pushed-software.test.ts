import { ECRClient } from '@aws-sdk/client-ecr'
import { STSClient } from '@aws-sdk/client-sts'
import { expect, it } from 'vitest'
import { createPushedSoftware, pushPolicy } from '../../../adapters/ecr/pushed-software.ts'

const site = 'site_01jq3v5k8m0000000000000000'
const repository = 'sitewright-test/own/site-01jq3v5k8m0000000000000000'
const arn = `arn:aws:ecr:eu-central-1:123456789012:repository/${repository}`

/** Answers commands by their names, and keeps what was asked. */
const playing = (answers: Readonly<Record<string, object>>) => {
  const asked: { readonly name: string; readonly input: Readonly<Record<string, unknown>> }[] = []
  const send = async (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
    asked.push({ name: command.constructor.name, input: { ...command.input } })
    return answers[command.constructor.name] ?? {}
  }
  const settings = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } }
  const ecr = Object.assign(new ECRClient(settings), { send })
  return { asked, ecr, sts: Object.assign(new STSClient(settings), { send }) }
}

const Expiration = new Date('2026-03-01T01:00:00.000Z')
const authorizationToken = Buffer.from('AWS:the:token').toString('base64')

it('opens a push to one repository, for as long as its session lives', async () => {
  const { asked, ecr, sts } = playing({
    AssumeRoleCommand: { Credentials: { AccessKeyId: 'k', SecretAccessKey: 's', SessionToken: 't', Expiration } },
    GetAuthorizationTokenCommand: { authorizationData: [{ authorizationToken }] },
  })
  const sessions: object[] = []
  const software = createPushedSoftware({
    ecr,
    sts,
    withCredentials: (credentials) => {
      sessions.push(credentials)
      return ecr
    },
    region: 'eu-central-1',
    installation: 'sitewright-test',
    pushRoleArn: 'arn:aws:iam::123456789012:role/sitewright-test-push',
  })
  expect(await software.pushAccess(site)).toEqual({
    registry: '123456789012.dkr.ecr.eu-central-1.amazonaws.com',
    repository,
    username: 'AWS',
    password: 'the:token',
    expiresAt: '2026-03-01T01:00:00.000Z',
  })
  // The token is that of the session, and not that of the function.
  expect(sessions).toEqual([{ accessKeyId: 'k', secretAccessKey: 's', sessionToken: 't' }])
  expect(asked.map(({ name }) => name)).toEqual([
    'CreateRepositoryCommand',
    'AssumeRoleCommand',
    'GetAuthorizationTokenCommand',
  ])
  expect(JSON.parse(String(asked[1]?.input['Policy']))).toEqual(pushPolicy(arn))
})

it('lets a session touch no other repository, and remove nothing', () => {
  const statements = pushPolicy(arn).Statement
  const onImages = statements.filter(({ Action }) => Action !== 'ecr:GetAuthorizationToken')
  expect(onImages.map(({ Resource }) => Resource)).toEqual([arn])
  expect(onImages.flatMap(({ Action }) => Action).filter((action) => /\*|Delete|Create/.test(action))).toEqual([])
})
